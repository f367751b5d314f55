-- Attachments and proxies.

-- A file of a worker in a page. The row is there before its content, which lies in the storage under the id; `size` is
-- set when all of it is; of a file that comes in pieces `total` was announced, and `received` has come. `discard_at` is when row and content are swept, unless the page was submitted with it before:
-- then it is null, and only then requesters see the file. As with all that grows with the work, no foreign keys.
create table attachment (
  id uuid primary key,
  pool_id int not null,
  assignment_id bigint not null,
  worker_id int not null,
  account_id int not null,
  name text collate "C" not null,
  media_type text not null,
  size bigint check (size >= 0),
  total bigint check (total >= 0),
  received bigint not null default 0,
  created timestamptz not null,
  discard_at timestamptz,
  check (size is not null or discard_at is not null)
);
create index attachment_page on attachment (pool_id, assignment_id, id);
create index attachment_passing on attachment (discard_at) where discard_at is not null;
create index attachment_account on attachment (account_id, id) where discard_at is null;
create index attachment_created on attachment (account_id, created, id) where discard_at is null;
create index attachment_pool on attachment (pool_id, id) where discard_at is null;
create index attachment_pool_created on attachment (pool_id, created, id) where discard_at is null;
create index attachment_worker on attachment (worker_id, account_id, id) where discard_at is null;
create index attachment_name on attachment (account_id, name, id) where discard_at is null;

-- Pieces of files that are still coming, each under its own id in the storage. One whose `start` is null has not come
-- whole, or came twice. All are swept when the file is made of them, or with it.
create table attachment_piece (
  id uuid primary key,
  attachment_id uuid not null,
  start bigint,
  size bigint not null default 0,
  discard_at timestamptz not null
);
create index attachment_piece_file on attachment_piece (attachment_id, start);
create index attachment_piece_passing on attachment_piece (discard_at);

-- What a worker uploaded on the day of their latest upload.
create table upload_use (
  worker_id int primary key,
  day date not null,
  files int not null,
  bytes bigint not null
) with (fillfactor = 50);

-- Servers of requesters that workers reach through this one; the name is part of the address.
create table proxy (
  id int generated always as identity (start with 1000001) primary key,
  account_id int not null references account,
  name text collate "C" not null unique,
  params json not null,
  created timestamptz not null
);
create index proxy_account on proxy (account_id, id);
