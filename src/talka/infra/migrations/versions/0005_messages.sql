-- Bonuses and messages.
select 1;
