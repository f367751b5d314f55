-- Bonuses, messages and complaints.
--
-- As elsewhere, tables that grow with the work have no foreign keys: nothing they refer to is ever deleted.
-- Kinds of transfers that are added here: 7 BONUS, 8 BONUS_FEE; their subject is the bonus.

-- ---------------------------------------------------------------- operations

-- What an account waits for, in its order; and lists of an account that has carried out a million of them.
create index operation_waiting on operation (account_id, number) where status in ('PENDING', 'RUNNING');
create index operation_finished on operation (account_id, finished, id);
create index operation_finished_last on operation (account_id, finished desc nulls last, id);
create index operation_status on operation (account_id, status, submitted);
create index operation_type on operation (account_id, type, submitted);

-- ---------------------------------------------------------------- money

-- Whether the requester was told that little is left.
alter table account_balance add column low boolean not null default false;

-- ---------------------------------------------------------------- bonuses

-- Ids have ten digits for the first nine billion. `batch` and `item_index` say which item of which operation it was.
create sequence bonus_id_seq start with 1000000001;
create table bonus (
  id bigint primary key default nextval('bonus_id_seq'),
  account_id int not null,
  worker_id int not null,
  amount numeric not null check (amount > 0),
  fee numeric not null check (fee >= 0),
  pool_id int,
  assignment_id bigint,
  private_comment text,
  public_title json,
  public_message json,
  without_message boolean not null,
  batch bigint not null,
  item_index int not null,
  created timestamptz not null,
  check ((pool_id is null) = (assignment_id is null)),
  check (without_message = (public_title is null) and without_message = (public_message is null))
);
create index bonus_account on bonus (account_id, id);
create index bonus_created on bonus (account_id, created, id);
create index bonus_worker on bonus (worker_id, account_id, id);
create index bonus_own on bonus (worker_id, id);
create index bonus_own_created on bonus (worker_id, created, id);
create index bonus_assignment on bonus (assignment_id) where assignment_id is not null;
-- Comments may be longer than an index takes.
create index bonus_comment on bonus (account_id, left(private_comment, 200), id) where private_comment is not null;

-- For assignments, which know nothing of bonuses.
create view assignment_bonus as
  select assignment_id, id as bonus_id from bonus where assignment_id is not null;

-- ---------------------------------------------------------------- messages

-- Which workers have taken a page of which requester, each once a pool and kind of task. Unlike `worked_for`, which
-- answers for one worker, it finds all of an account, at a cost that does not grow with their pages.
create view account_worker as
  select p.account_id, c.worker_id from pool p join issue_cursor c on c.pool_id = p.id;

-- `opener` began it; SYSTEM is the platform, which tells a requester something (a thread without recipients) or a worker
-- (a thread without an account). Folders are what its requester sees: `outbox` once they wrote, `inbox` once a worker did.
-- A thread with one recipient is a conversation; one with several goes out only, and who answers it gets a conversation
-- of their own with the requester, whose `parent_id` it is. `told` is the last message that the requester wrote.
create sequence message_thread_id_seq;
create sequence message_id_seq;
create table message_thread (
  id bigint primary key,
  account_id int,
  parent_id bigint,
  opener text not null check (opener in ('REQUESTER', 'WORKER', 'SYSTEM')),
  recipients int not null,
  topic json not null,
  select_type text check (select_type in ('ALL', 'DIRECT', 'FILTER')),
  recipients_ids json,
  recipients_filter json,
  project_id int,
  pool_id int,
  assignment_id bigint,
  answerable boolean not null,
  inbox boolean not null,
  outbox boolean not null,
  important boolean not null default false,
  unread boolean not null,
  told bigint,
  created timestamptz not null,
  check ((opener = 'REQUESTER') = (select_type is not null)),
  check (recipients > 0 or opener = 'SYSTEM'),
  check (account_id is not null or opener = 'SYSTEM'),
  check (outbox = (told is not null and opener <> 'SYSTEM'))
) with (fillfactor = 85);
create index message_thread_account on message_thread (account_id, id);
create index message_thread_created on message_thread (account_id, created, id);
create index message_thread_inbox on message_thread (account_id, id) where inbox;
create index message_thread_outbox on message_thread (account_id, id) where outbox;
create index message_thread_important on message_thread (account_id, id) where important;
create index message_thread_unread on message_thread (account_id, id) where unread;
create index message_thread_system on message_thread (account_id, id) where opener = 'SYSTEM' and account_id is not null;

-- Written by the worker, or where there is none by the requester (in a thread of the platform's: by the platform).
create table message (
  thread_id bigint not null,
  id bigint not null,
  worker_id int,
  body json not null,
  created timestamptz not null,
  primary key (thread_id, id)
);

-- Who takes part in a thread beside its requester. `read` is the last message of the requester that the worker has seen;
-- `continued` the conversation that their answer began, in place of which the thread is shown only once the requester
-- has written to all of it again, after the message `continued_after`.
create table message_recipient (
  thread_id bigint not null,
  worker_id int not null,
  read bigint,
  continued bigint,
  continued_after bigint,
  primary key (thread_id, worker_id),
  check ((continued is null) = (continued_after is null))
) with (fillfactor = 85);
create index message_recipient_worker on message_recipient (worker_id, thread_id);

-- ---------------------------------------------------------------- complaints

-- What workers tell the operator about a page, once for each.
create table complaint (
  id bigint generated always as identity (start with 1000000001) primary key,
  worker_id int not null,
  account_id int not null,
  project_id int not null,
  pool_id int not null,
  assignment_id bigint not null unique,
  reason text not null,
  body text,
  status text not null check (status in ('NEW', 'CLOSED')),
  comment text,
  created timestamptz not null,
  closed timestamptz,
  check ((status = 'CLOSED') = (closed is not null))
);
create index complaint_new on complaint (id) where status = 'NEW';
create index complaint_created on complaint (created, id);
create index complaint_project on complaint (project_id, id);
create index complaint_account on complaint (account_id, id);
create index complaint_worker on complaint (worker_id, id);
