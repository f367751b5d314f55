-- Aggregated solutions and analytics.
select 1;
