-- Webhook subscriptions and what they are to be told.
--
-- Events of a subscription are numbered without gaps under the lock of its row: the order of commits is the order of
-- numbers, and one number, `delivered`, says how far delivery has come. Sending again from a moment moves it back.

create table webhook_subscription (
  id int generated always as identity (start with 1000001) primary key,
  account_id int not null references account,
  pool_id int not null references pool,
  event_type text collate "C" not null,
  webhook_url text not null,
  host text collate "C" not null,
  secret_key text,
  -- Unique per account, so that lists can be read on from the last one; `since` is when it really was made.
  created timestamptz not null,
  since timestamptz not null,
  last_event bigint not null default 0,
  delivered bigint not null default 0,
  next_attempt timestamptz not null,
  lease uuid,
  leased_until timestamptz,
  paused boolean not null default false,
  failures int not null default 0,
  failing_since timestamptz,
  last_delivered timestamptz,
  last_error_type text,
  last_status int,
  last_error text,
  check (delivered between 0 and last_event),
  check ((lease is null) = (leased_until is null))
) with (fillfactor = 50);
create unique index webhook_subscription_created on webhook_subscription (account_id, created);
create index webhook_subscription_account on webhook_subscription (account_id, id);
-- Of the address its hash: addresses may be longer than what an index takes.
create unique index webhook_subscription_target on webhook_subscription (pool_id, event_type, md5(webhook_url));
create index webhook_subscription_issued on webhook_subscription (pool_id) where event_type = 'ASSIGNMENT_CREATED';
create index webhook_subscription_waiting on webhook_subscription (next_attempt)
  where not paused and last_event > delivered;
create index webhook_subscription_leased on webhook_subscription (host) where leased_until is not null;

-- What a message is made of; the rest of it follows from the subscription. Without a foreign key: a deleted
-- subscription's events are removed when they are old, not while somebody waits.
create table webhook_event (
  subscription_id int not null,
  number bigint not null,
  uuid uuid not null,
  happened timestamptz not null,
  assignment_id bigint,
  suite_id bigint,
  details json,
  primary key (subscription_id, number)
);
create index webhook_event_happened on webhook_event (subscription_id, happened, number);
create index webhook_event_old on webhook_event (happened);

-- Active pages of which subscribers to ASSIGNMENT_CREATED know already; a row goes when its page ends.
create table webhook_issued (
  pool_id int not null,
  assignment_id bigint not null,
  primary key (pool_id, assignment_id)
);
