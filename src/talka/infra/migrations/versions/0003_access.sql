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
