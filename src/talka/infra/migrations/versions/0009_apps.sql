-- Apps: their projects, batches and items, thought through for 10^7 items of a project.
--
--   app_item.status  0 NEW  1 PROCESSING  2 COMPLETED  3 ERROR

create table app_project (
  id bigint generated always as identity (start with 1000001) primary key,
  account_id int not null references account,
  app_id text collate "C" not null,
  parent_id bigint references app_project,
  -- The project whose pools do the work.
  project_id int not null references project,
  name text collate "C" not null,
  parameters json not null,
  item_price numeric not null check (item_price >= 0),
  archived boolean not null default false,
  created timestamptz not null
);
create index app_project_account on app_project (account_id, id);
create index app_project_name on app_project (account_id, name, id);
create index app_project_created on app_project (account_id, created, id);
create index app_project_app on app_project (account_id, app_id, id);
create index app_project_parent on app_project (parent_id, id) where parent_id is not null;
create index app_project_archived on app_project (account_id, id) where archived;

-- Items that are worked on together, by one pool. Items that came without a batch are in the stream of their project,
-- a batch that is not shown. The counts are of `items` by status; what is left of them is NEW. They change with the
-- items, in the transaction that changes these: an upload, a load, a look at some hundred answers.
create table app_batch (
  id bigint generated always as identity (start with 1000001) primary key,
  app_project_id bigint not null references app_project,
  pool_id int unique references pool,
  stream boolean not null default false,
  name text collate "C" not null,
  status text collate "C" not null
    check (status in ('NEW', 'QUEUED', 'PROCESSING', 'STOPPED', 'COMPLETED', 'NO_MONEY', 'ERROR')),
  archived boolean not null default false,
  priority smallint not null check (priority between 1 and 5),
  loading boolean not null default false,
  item_price numeric not null check (item_price >= 0),
  items bigint not null default 0,
  processing bigint not null default 0,
  completed bigint not null default 0,
  failed bigint not null default 0,
  labelled bigint not null default 0,
  confidence double precision not null default 0,
  last_import json,
  errors json,
  created timestamptz not null,
  started timestamptz,
  finished timestamptz,
  -- When a stream without money is tried again.
  retry_at timestamptz,
  check (processing >= 0 and completed >= labelled and failed >= 0 and processing + completed + failed <= items)
) with (fillfactor = 50);
create unique index app_batch_stream on app_batch (app_project_id) where stream;
create index app_batch_project on app_batch (app_project_id, id) where not stream;
create index app_batch_name on app_batch (app_project_id, name, id) where not stream;
create index app_batch_created on app_batch (app_project_id, created, id) where not stream;
create index app_batch_status on app_batch (app_project_id, status, id) where not stream;
create index app_batch_running on app_batch (app_project_id, priority) where status in ('QUEUED', 'PROCESSING');
create index app_batch_queued on app_batch (id) where status = 'QUEUED';
create index app_batch_loading on app_batch (id) where loading and status = 'PROCESSING';
create index app_batch_retrying on app_batch (retry_at) where retry_at is not null;

-- `fingerprint` is of what workers see of the item. One that is equal to another takes the result of that one
-- (`original_id` while that is being worked on), unless it is `forced`.
create table app_item (
  id bigint generated always as identity (start with 1000001) primary key,
  app_project_id bigint not null,
  batch_id bigint not null,
  status smallint not null default 0 check (status between 0 and 3),
  forced boolean not null,
  task_id bigint,
  original_id bigint,
  fingerprint uuid not null,
  input_data json not null,
  output_data json,
  errors json,
  created timestamptz not null,
  started timestamptz,
  finished timestamptz,
  check ((status = 2) = (output_data is not null)),
  check ((status = 3) = (errors is not null)),
  check ((status in (2, 3)) = (finished is not null))
) with (fillfactor = 85);
create index app_item_project on app_item (app_project_id, id);
create index app_item_created on app_item (app_project_id, created, id);
create index app_item_finished on app_item (app_project_id, finished, id);
create index app_item_status on app_item (app_project_id, status, id);
create index app_item_batch on app_item (batch_id, id);
create index app_item_new on app_item (batch_id, id) where status = 0;
create index app_item_asked on app_item (batch_id, id) where status = 1 and task_id is not null;
create index app_item_task on app_item (task_id) where status = 1;
create index app_item_copies on app_item (original_id) where status = 1 and original_id is not null;
create index app_item_labelled on app_item (app_project_id, fingerprint) where status = 2 and task_id is not null;
create index app_item_same on app_item (batch_id, fingerprint) where status = 1 and task_id is not null;

-- Accepted pages and closed pools of apps that nobody has looked at yet. Appended by whoever accepts or closes, which
-- waits for nobody, and looked at by a job.
create table app_answer (
  pool_id int not null,
  assignment_id bigint not null,
  primary key (pool_id, assignment_id)
);
create table app_closing (
  number bigint generated always as identity primary key,
  pool_id int not null,
  reason text not null
);

-- How often a worker was right about items of a project whose results are known.
create table app_worker (
  app_project_id bigint not null references app_project,
  worker_id int not null references worker,
  answered int not null,
  correct int not null check (correct between 0 and answered),
  primary key (app_project_id, worker_id)
);
