-- Tables of the fixed floor (floor.sql says what it is for): the narrowest rows that can carry it.
-- The settings that keep them flat are the ones that a careful system uses, so that the floor is no straw man.

create table task (
  id      bigint primary key,
  payload jsonb not null
);

-- Hot row: no JSON, room on the page for the next version, and an index on the flag, not on the counter,
-- so that all but the last claim of a task touch no index.
create table queue (
  task_id bigint primary key,
  overlap int not null,
  taken   int not null default 0,
  open    boolean generated always as (taken < overlap) stored,
  check (taken between 0 and overlap)
) with (fillfactor = 75, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000);

create index queue_open on queue (task_id) where open;

-- Where each worker stands in the pool. It only moves forward: that is what keeps a task from coming twice.
create table place (
  worker_id bigint primary key,
  last      bigint not null
) with (fillfactor = 50);

create table assignment (
  id        bigint generated always as identity (cache 100) primary key,
  worker_id bigint not null,
  status    smallint not null,
  task_ids  bigint[] not null,
  created   timestamptz not null,
  submitted timestamptz,
  solutions jsonb
) with (fillfactor = 75);

create table ledger (
  id            bigint generated always as identity (cache 100) primary key,
  assignment_id bigint not null,
  account_id    bigint not null,
  amount        numeric not null
);

-- Fills the pool anew: nothing issued, no answers.
create procedure fill(tasks bigint, overlap int) language sql as $$
  truncate task, queue, place, assignment, ledger;
  insert into task
    select n, jsonb_build_object('premise', 'Sentence ' || n || ' of the premises', 'hypothesis', 'It follows')
    from generate_series(1, tasks) n;
  insert into queue (task_id, overlap) select n, overlap from generate_series(1, tasks) n;
$$;
