"""Tests of Talka; they mirror src/talka, plus clients, races, properties and browser."""
