"""Composition: which routes, reactions, jobs and commands make up Talka."""
