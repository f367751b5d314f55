-- Trainings.
select 1;
