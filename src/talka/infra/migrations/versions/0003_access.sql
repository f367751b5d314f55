-- Named keys, members, operator.

-- ---------------------------------------------------------------- keys and members

create index api_key_account on api_key (account_id, id);

-- The key that a browser session was opened with: the session ends with it.
alter table session add column key_id int references api_key on delete cascade;
create index session_key on session (key_id) where key_id is not null;

-- Who may act under an account that is not their own.
create table member (
  account_id int not null references account,
  member_id int not null references account,
  role text not null check (role in ('VIEWER', 'EDITOR', 'ADMIN')),
  created timestamptz not null,
  primary key (account_id, member_id),
  check (account_id <> member_id)
);
create index member_of on member (member_id, account_id);

-- ---------------------------------------------------------------- operator

create table operator_key (
  id int generated always as identity primary key,
  name text not null,
  prefix text not null,
  hash bytea not null unique,
  created timestamptz not null,
  last_used timestamptz
);

-- What the operator changed while Talka runs; null where the settings of the process are in force.
create table policy (
  singleton boolean primary key default true check (singleton),
  fee_percent numeric check (fee_percent between 0 and 100),
  open_registration boolean,
  minimum_payout numeric check (minimum_payout > 0),
  moderation text check (moderation in ('OFF', 'FIRST_RUN', 'EVERY_MAJOR_VERSION'))
);
insert into policy default values;

-- ---------------------------------------------------------------- payouts

-- What a worker asked for and did not get yet; no longer part of `available`.
alter table worker_balance add column blocked numeric not null default 0 check (blocked >= 0);

create table payout (
  id bigint generated always as identity (start with 1000001) primary key,
  worker_id int not null,
  amount numeric not null check (amount > 0),
  destination text not null,
  status text not null check (status in ('NEW', 'APPROVED', 'PAID', 'REJECTED', 'CANCELLED')),
  comment text,
  created timestamptz not null,
  modified timestamptz not null
);
-- One at a time: asking again is no second payout.
create unique index payout_open on payout (worker_id) where status in ('NEW', 'APPROVED');
create index payout_worker on payout (worker_id, id);
create index payout_status on payout (status, id);
create index payout_created on payout (created, id);

-- ---------------------------------------------------------------- deposits

-- Deposits that came with a reference of the operator's: the same one again is the same deposit.
create table deposit (
  account_id int not null references account,
  reference text collate "C" not null,
  amount numeric not null check (amount > 0),
  created timestamptz not null,
  primary key (account_id, reference)
);

-- ---------------------------------------------------------------- moderation

-- What operators decided about a major version of a project; PENDING again once its requester asks to look anew.
create table moderation (
  project_id int not null references project,
  major int not null,
  status text not null check (status in ('PENDING', 'APPROVED', 'REJECTED')),
  comment text,
  modified timestamptz not null,
  primary key (project_id, major)
);
create index pool_never_started on pool (project_id, project_major) where last_started is null;

-- ---------------------------------------------------------------- skills

create index skill_created on skill (account_id, created, id);
