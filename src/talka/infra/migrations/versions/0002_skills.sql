-- Skills, user skills, restrictions and metadata.
--
-- As in the foundation, tables that grow with the work have no foreign keys: nothing they refer to is ever deleted, and
-- whoever sets a skill or a restriction takes no locks on rows that everybody shares.

-- Without an account a skill is the platform's: every requester sees it, none can change it.
create table skill (
  id int generated always as identity (start with 1000001) primary key,
  account_id int references account,
  name text collate "C" not null,
  body json not null,
  hidden boolean not null,
  ttl_hours int check (ttl_hours > 0),
  training boolean not null default false,
  created timestamptz not null,
  modified timestamptz not null
);
create index skill_account on skill (account_id, id);
create index skill_name on skill (account_id, name, id);
create index skill_passing on skill (id) where ttl_hours is not null;

-- `account_id` is that of the skill; `value` is exact. Ids have ten digits for the first nine billion.
create table user_skill (
  id bigint generated always as identity (start with 1000000001) primary key,
  skill_id int not null,
  worker_id int not null,
  account_id int,
  value numeric not null check (value >= 0 and value <= 100),
  created timestamptz not null,
  modified timestamptz not null,
  unique (worker_id, skill_id)
) with (fillfactor = 85);
create index user_skill_account on user_skill (account_id, id);
create index user_skill_created on user_skill (account_id, created, id);
create index user_skill_modified on user_skill (account_id, modified, id);
create index user_skill_holders on user_skill (skill_id, account_id, id);
create index user_skill_passing on user_skill (skill_id, modified);

-- Every change of a worker's skill and why it came about; only ever appended. `value` is null once the skill is gone.
create table user_skill_change (
  id bigint generated always as identity primary key,
  worker_id int not null,
  skill_id int not null,
  account_id int,
  action text not null check (action in ('CREATE', 'MODIFY', 'DELETE')),
  value numeric,
  cause text not null check (cause in ('REQUESTER', 'RULE', 'TRAINING', 'EXPIRY')),
  pool_id int,
  message text,
  happened timestamptz not null,
  check ((action = 'DELETE') = (value is null))
);
create index user_skill_change_worker on user_skill_change (worker_id, skill_id, id);

-- Who is kept out of what. `ended` is set when a restriction was lifted or has expired: the row stays as a record of it,
-- and no list or check sees it any more. Without an account it is the platform's ban.
create table user_restriction (
  id bigint generated always as identity (start with 1000000001) primary key,
  worker_id int not null,
  account_id int,
  scope text not null check (scope in ('SYSTEM', 'ALL_PROJECTS', 'PROJECT', 'POOL')),
  project_id int,
  pool_id int,
  private_comment text,
  will_expire timestamptz,
  created timestamptz not null,
  ended timestamptz,
  check ((scope = 'SYSTEM') = (account_id is null)),
  check ((scope = 'PROJECT') = (project_id is not null)),
  check ((scope = 'POOL') = (pool_id is not null))
);
-- One of a kind in force; leads with the worker, which is how issuing asks.
create unique index user_restriction_in_force on user_restriction (worker_id, account_id, scope, project_id, pool_id)
  nulls not distinct where ended is null;
create index user_restriction_account on user_restriction (account_id, id) where ended is null;
create index user_restriction_scope on user_restriction (account_id, scope, id) where ended is null;
create index user_restriction_created on user_restriction (account_id, created, id) where ended is null;
create index user_restriction_project on user_restriction (project_id, id) where ended is null and project_id is not null;
create index user_restriction_pool on user_restriction (pool_id, id) where ended is null and pool_id is not null;
create index user_restriction_system on user_restriction (id) where ended is null and account_id is null;
create index user_restriction_expiring on user_restriction (will_expire) where ended is null and will_expire is not null;

-- Which worker has taken a page of which requester, for capabilities that do not know of pages.
create view worked_for as select worker_id, account_id from assignment;
