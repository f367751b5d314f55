-- Aggregated solutions and analytics.

-- Results of an aggregation, kept until `expires`; `operation` is the number of the operation that made them. They are
-- written once, in the transaction that ends the operation. When they are gone, so is their row here.
create table aggregation (
  operation bigint primary key,
  expires timestamptz not null
);
create index aggregation_expiring on aggregation (expires);

-- `confidences` are those of each output, in the order of the operation's parameters (null where it is blank); null when
-- there is one output, whose confidence is the task's.
create table aggregated_solution (
  operation bigint not null,
  pool_id int not null,
  task_id bigint not null,
  confidence double precision not null check (confidence >= 0 and confidence <= 1),
  output_values json not null,
  confidences double precision[],
  primary key (operation, pool_id, task_id)
);
