-- Trainings.
--
-- A training is a pool of type TRAINING, whose `body` is what clients read of it as a pool; here stands what they sent.
create table training (
  pool_id int primary key references pool,
  body json not null,
  required smallint,
  retry_days int check (retry_days > 0)
);
create index training_retaken on training (pool_id) where retry_days is not null;

-- The skill that a training gives; in a pool that asks for a training also which one, and the value from which on the
-- pool is open. Issuing reads them with the pool's other settings.
alter table pool
  add column skill_id int,
  add column training_pool_id int,
  add column passing_value smallint,
  add constraint pool_training_link check ((training_pool_id is null) = (passing_value is null)
    and (training_pool_id is null or (skill_id is not null and type = 'REGULAR')));
create index pool_training on pool (training_pool_id) where training_pool_id is not null;
create index pool_teaching on pool (skill_id) where type = 'TRAINING';

-- How far a worker has come in a training, counting first answers. `active` is set once the skill was given: since when
-- the worker has done nothing in a linked pool, as far as is known.
create table training_progress (
  pool_id int not null,
  worker_id int not null,
  suites int not null,
  answers int not null,
  correct int not null check (correct <= answers),
  active timestamptz,
  primary key (pool_id, worker_id)
) with (fillfactor = 75);
create index training_progress_active on training_progress (pool_id, active) where active is not null;

-- Lists of projects, pools and trainings: by id, by state, in every order. Never started ones come last in both.
create index project_created on project (account_id, created, id);
create index project_named on project (account_id, public_name, id);
create index project_status on project (account_id, status, id);
drop index pool_account;
create index pool_account on pool (account_id, type, id);
create index pool_status on pool (account_id, type, status, id);
create index pool_created on pool (account_id, type, created, id);
create index pool_started on pool (account_id, type, last_started, id);
create index pool_started_last on pool (account_id, type, last_started desc nulls last, id);
create index pool_project_created on pool (project_id, type, created, id);
create index pool_unarchived on pool (project_id) where status <> 'ARCHIVED';

-- What an account used of its quotas in the current minute, hour or day (`period` in seconds); only while they are on.
create table quota_use (
  account_id int not null,
  action text not null,
  period int not null,
  start timestamptz not null,
  used bigint not null,
  primary key (account_id, action, period)
) with (fillfactor = 50);

-- Pools that nobody touches any more are archived: `touched` is the last edit, upload or move, `archive_at` when to look
-- whether it has been long enough (null: never, as for pools that are not closed). Answers are not noted, but looked up.
alter table pool
  add column touched timestamptz,
  add column archive_at timestamptz,
  add column cloned boolean not null default false,
  add constraint pool_archive_at check (archive_at is null or status = 'CLOSED');
create index pool_archiving on pool (archive_at) where archive_at is not null;

-- Pools that may have to close, found while their counters were folded; whoever closes them looks again.
create table closing (
  pool_id int not null,
  reason text not null,
  primary key (pool_id, reason)
);
