-- Files of tasks and verdicts.
select 1;
