-- Named keys, members, operator.
select 1;
