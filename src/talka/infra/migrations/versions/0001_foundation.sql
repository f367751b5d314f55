-- The tables of the foundation, thought through for 10^7 tasks and 10^8 answers.
--
-- Time is injected: no column has a default that reads the server's clock.
-- Small codes stand where a row exists a hundred million times:
--   assignment.status  0 ACTIVE  1 SUBMITTED  2 ACCEPTED  3 REJECTED  4 SKIPPED  5 EXPIRED
--   kind of a task     0 general  1 control  2 training
--   queue.lane         0 first time  1 returned  2 reserved for named workers  3 unlimited overlap
--   transfer.kind      1 DEPOSIT  2 HOLD  3 RELEASE  4 PAY  5 FEE  6 HOLD_AGAIN
--   ledger account     kind << 32 | owner, kinds 1 outside world  2 platform  3 available to a requester
--                      4 held for a requester's workers  5 worker

create table clock (
  singleton boolean primary key default true check (singleton),
  offset_ms bigint not null default 0 check (offset_ms >= 0)
);
insert into clock default values;

-- Secrets of this installation, made once: signing of media addresses.
create table secret (name text primary key, value bytea not null);

-- ---------------------------------------------------------------- accounts

create table account (
  id int generated always as identity primary key,
  requester_id uuid not null unique,
  email text not null,
  public_name jsonb not null default '{}',
  created timestamptz not null
);
create unique index account_email on account (lower(email));

create table api_key (
  id int generated always as identity primary key,
  account_id int not null references account,
  name text not null,
  prefix text not null,
  hash bytea not null unique,
  created timestamptz not null,
  last_used timestamptz
);

create table worker (
  id int generated always as identity primary key,
  user_id uuid not null unique,
  login text not null,
  password_hash text not null,
  profile jsonb not null default '{}',
  computed jsonb not null default '{}',
  created timestamptz not null
);
create unique index worker_login on worker (lower(login));

create table session (
  hash bytea primary key,
  worker_id int references worker,
  account_id int references account,
  created timestamptz not null,
  check (num_nonnulls(worker_id, account_id) = 1)
);

-- ---------------------------------------------------------------- ledger

-- Every row moves one amount from one ledger account to another, so the sum over all accounts is zero
-- by construction; the key makes each movement of an assignment happen at most once.
create table transfer (
  subject bigint not null,
  kind smallint not null,
  debit bigint not null,
  credit bigint not null,
  amount numeric not null check (amount > 0),
  created timestamptz not null,
  primary key (subject, kind),
  check (debit <> credit)
);

create sequence deposit_id_seq;

-- What a requester can still spend and no pool has drawn. Never updated by a take: pools draw tranches.
create table account_balance (
  account_id int primary key references account,
  free numeric not null check (free >= 0)
) with (fillfactor = 50);

create table pool_stripe (
  pool_id int not null,
  stripe smallint not null,
  account_id int not null,
  amount numeric not null check (amount >= 0),
  primary key (pool_id, stripe)
) with (fillfactor = 50);
create index pool_stripe_account on pool_stripe (account_id);

create table worker_balance (
  worker_id int primary key references worker,
  available numeric not null check (available >= 0)
) with (fillfactor = 50);

-- ---------------------------------------------------------------- operations

create table operation (
  account_id int not null references account,
  id text collate "C" not null,
  number bigint generated always as identity unique,
  type text not null,
  status text not null check (status in ('PENDING', 'RUNNING', 'SUCCESS', 'FAIL')),
  submitted timestamptz not null,
  started timestamptz,
  finished timestamptz,
  progress smallint not null default 0,
  parameters jsonb not null default '{}',
  details jsonb not null default '{}',
  asynchronous boolean not null default false,
  created jsonb not null default '{}',
  primary key (account_id, id)
);
create index operation_submitted on operation (account_id, submitted, id);
create index operation_unfinished on operation (number) where status in ('PENDING', 'RUNNING');

-- The body of an asynchronous batch until it is carried out. Not compressed: it lives for a second.
create table operation_payload (
  number bigint primary key references operation (number),
  body bytea not null
);
alter table operation_payload alter column body set storage external;

-- Only failures are stored; successes are rebuilt from the created rows.
create table operation_failure (
  number bigint not null references operation (number),
  position int not null,
  type text not null,
  input json not null,
  output json not null,
  primary key (number, position)
);

-- ---------------------------------------------------------------- projects and pools

create table project (
  id int generated always as identity (start with 1000001) primary key,
  account_id int not null references account,
  status text not null check (status in ('ACTIVE', 'ARCHIVED')),
  body json not null,
  public_name text collate "C" not null,
  private_comment text collate "C",
  max_active int not null,
  major int not null,
  minor int not null,
  created timestamptz not null
);
create index project_account on project (account_id, id);

create table project_version (
  project_id int not null references project,
  major int not null,
  minor int not null,
  body json not null,
  created timestamptz not null,
  primary key (project_id, major, minor)
);

-- Trainings are pools of type TRAINING. The columns beside `body` are those that SQL reads.
create table pool (
  id int generated always as identity (start with 1000001) primary key,
  account_id int not null references account,
  project_id int not null references project,
  project_major int not null,
  type text not null check (type in ('REGULAR', 'TRAINING')),
  status text not null check (status in ('OPEN', 'CLOSED', 'ARCHIVED', 'LOCKED')),
  body json not null,
  created timestamptz not null,
  last_started timestamptz,
  last_stopped timestamptz,
  last_close_reason text,
  will_expire timestamptz not null,
  reopen_at timestamptz,
  complete_at timestamptz,
  last_added timestamptz,
  priority smallint not null,
  reward numeric not null check (reward >= 0),
  duration_seconds int not null,
  mixed boolean not null,
  real_count smallint not null,
  golden_count smallint not null,
  training_count smallint not null,
  min_real smallint not null,
  min_golden smallint not null,
  min_training smallint not null,
  force_last boolean not null,
  force_last_delay int not null,
  in_order boolean not null,
  shuffle boolean not null,
  auto_accept boolean not null,
  accept_days smallint not null,
  close_delay int not null,
  adult boolean not null
);
create index pool_account on pool (account_id, id);
create index pool_project on pool (project_id, id);
create index pool_open on pool (project_id) where status = 'OPEN';
create index pool_expiring on pool (will_expire) where status = 'OPEN';
create index pool_reopening on pool (reopen_at) where reopen_at is not null;
create index pool_completing on pool (complete_at) where complete_at is not null;

-- The next position in a pool's queue. Its row lock, held until commit, makes the order of commits
-- the order of positions, so that no cursor ever passes a position that is not yet visible. `returned` is the
-- last position that was given to something that came back: whoever is past it need not look.
create table pool_seq (
  pool_id int primary key references pool,
  next_pos bigint not null default 1,
  returned bigint not null default 0,
  reserving boolean not null default false
) with (fillfactor = 20);

create table pool_stat (
  pool_id int primary key references pool,
  general bigint not null default 0,
  control bigint not null default 0,
  training bigint not null default 0,
  slots bigint not null default 0,
  done bigint not null default 0,
  submitted bigint not null default 0,
  accepted bigint not null default 0,
  rejected bigint not null default 0,
  skipped bigint not null default 0,
  expired bigint not null default 0,
  spent numeric not null default 0
) with (fillfactor = 50);

-- What happened, appended in the transaction that did it and folded into pool_stat by a job.
-- Without a key: rows live for a quarter of a second, and are found by their place.
create table outbox (
  pool_id int not null,
  assignment_id bigint,
  worker_id int,
  was smallint,
  became smallint,
  general int not null default 0,
  control int not null default 0,
  training int not null default 0,
  slots bigint not null default 0,
  done int not null default 0,
  spent numeric,
  happened timestamptz not null
);

-- ---------------------------------------------------------------- tasks and the queue

-- No number names two things: 4k is a task, 4k + 2 a suite, 4k + 3 an assignment. Claims, reservations and exclusions
-- know a unit by its number alone, be it a task or a suite; the suite that was mixed for an assignment has its number - 1.
create sequence task_id_seq increment by 4 start with 4;
create sequence page_id_seq increment by 4 start with 2;

create table task (
  pool_id int not null,
  id bigint not null,
  kind smallint not null,
  item_index int,
  batch bigint,
  suite_id bigint,
  created timestamptz not null,
  input_values json not null,
  details json,
  primary key (pool_id, id)
);
create index task_suite on task (pool_id, suite_id) where suite_id is not null;
create index task_created on task (pool_id, created, id);

create table suite (
  pool_id int not null,
  id bigint not null,
  item_index int,
  batch bigint,
  mixed boolean not null default false,
  task_ids bigint[] not null,
  issuing_order_override numeric not null default 0,
  latitude double precision,
  longitude double precision,
  created timestamptz not null,
  details json,
  primary key (pool_id, id)
);
create index suite_created on suite (pool_id, created, id);

-- What can be issued: a task of a smart-mixed pool or a ready-made suite. Narrow, no payload.
create table queue (
  unit_id bigint not null,
  pos bigint not null,
  pool_id int not null,
  overlap int,
  taken int not null default 0,
  kind smallint not null,
  lane smallint not null default 0,
  guarded boolean not null default false,
  by_default boolean not null default false,
  open boolean generated always as (overlap is null or taken < overlap) stored,
  primary key (pool_id, unit_id),
  check (taken >= 0 and (overlap is null or taken <= overlap))
) with (fillfactor = 75, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000);
create index queue_open on queue (pool_id, kind, lane, pos) where open;

-- `slot` is false once the worker skipped: the unit is not offered to them again, but its slot is free.
create table claim (
  unit_id bigint not null,
  worker_id int not null,
  pool_id int not null,
  slot boolean not null default true,
  assignment_id bigint not null,
  primary key (unit_id, worker_id)
);
create table claim_expired (
  unit_id bigint not null,
  worker_id int not null,
  pool_id int not null,
  assignment_id bigint not null,
  primary key (unit_id, assignment_id)
);

create table issue_cursor (
  pool_id int not null,
  worker_id int not null,
  kind smallint not null,
  start bigint not null,
  forward bigint not null,
  wrapped bigint not null,
  returned bigint not null,
  reserved bigint not null,
  endless bigint not null,
  endless_wrapped bigint not null,
  primary key (pool_id, worker_id, kind)
) with (fillfactor = 50);
-- What a look through the queue for one kind of task found: units, where the cursor would then stand, and
-- whether to look again because something was locked.
create type issue_found as (units bigint[], pos issue_cursor, again boolean);

create table reservation (
  unit_id bigint not null,
  worker_id int not null,
  pool_id int not null,
  kind smallint not null,
  pos bigint not null,
  primary key (unit_id, worker_id)
);
create index reservation_next on reservation (pool_id, worker_id, kind, pos);

create table exclusion (
  unit_id bigint not null,
  worker_id int not null,
  primary key (unit_id, worker_id)
);

-- ---------------------------------------------------------------- assignments

create table assignment (
  pool_id int not null,
  id bigint not null,
  suite_id bigint not null,
  worker_id int not null,
  project_id int not null,
  account_id int not null,
  status smallint not null,
  slots smallint not null,
  project_major smallint not null,
  project_minor smallint not null,
  auto_accept boolean not null,
  mixed boolean not null,
  automerged boolean not null default false,
  learning boolean not null,
  accept_days smallint not null,
  reward numeric not null,
  fee numeric not null,
  created timestamptz not null,
  expires timestamptz not null,
  accept_at timestamptz,
  submitted timestamptz,
  accepted timestamptz,
  rejected timestamptz,
  skipped timestamptz,
  expired timestamptz,
  task_ids bigint[] not null,
  unit_ids bigint[] not null,
  public_comment text,
  solutions jsonb,
  primary key (pool_id, id)
) with (fillfactor = 85);
create index assignment_worker on assignment (worker_id, id);
create index assignment_active on assignment (worker_id, project_id) where status = 0;
create index assignment_expiring on assignment (expires) where status = 0;
create index assignment_busy on assignment (pool_id) where status = 0;
create index assignment_reviewing on assignment (accept_at) where status = 1;
create index assignment_unreviewed on assignment (pool_id) where status = 1;
create index assignment_on_review on assignment (worker_id) where status = 1;
create index assignment_submitted on assignment (pool_id, submitted, id) where submitted is not null;
create index assignment_rejected on assignment (pool_id, rejected, id) where rejected is not null;

-- The first answer to each training task of a page, by whichever door it came.
create table training_attempt (
  assignment_id bigint not null,
  position smallint not null,
  correct boolean not null,
  output_values jsonb not null,
  primary key (assignment_id, position)
);
