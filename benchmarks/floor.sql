-- The fixed floor of take + submit: the least that a correct system must do for one page of five tasks, run by pgbench.
-- Written once; it does not change with the product, which is held against it.
--
-- What it must do, and does:
--   take, one transaction    claim five open tasks that this worker has not had, never more than `overlap` of each,
--                            never waiting for another worker (SKIP LOCKED); insert the assignment; return the payloads.
--   submit, one transaction  store the answers if the assignment is still this worker's and active; book the reward as
--                            two balanced lines.
--   Both are durable (fsync and synchronous_commit on) before the client goes on.
--
-- What keeps it honest in both directions:
--   Nothing is padded. Each transaction is one prepared statement, one round trip on a Unix socket: no row per claim, no
--   gates, no hold of money, no outbox, no HTTP, no JSON but the documents that are stored and returned.
--   Nothing is left out that a correct system could not do without. A worker never gets a task twice, whatever crashes:
--   its place in the pool is a row and only moves forward, locked while it moves, so that a double click waits. A task whose
--   row is locked is passed over and stays open for the others. The scan starts at the worker's place: the cost is the same
--   in a pool of 10^4 and of 10^6 tasks.
--
-- Given by the driver: tasks (size of the pool), clients (how many), worker = -1 (nobody yet), last = 0.
-- A client serves one worker after the other: at the end of the pool the next one starts, at a place of its own.

\if :worker < 0
  \set worker :client_id
  \set last :tasks
\endif
\if :last >= :tasks
  \set worker :worker + :clients
  \set start random(0, :tasks - 1)
  insert into place (worker_id, last) values (:worker, :start);
\endif

with place_now as materialized (
  select last from place where worker_id = :worker for update
), page as materialized (
  select task_id from queue
  where open and task_id > (select last from place_now)
  order by task_id limit 5
  for update skip locked
), claimed as (
  update queue set taken = taken + 1 from page where queue.task_id = page.task_id
), moved as (
  update place set last = coalesce((select max(task_id) from page), :tasks) where worker_id = :worker
), issued as (
  insert into assignment (worker_id, status, task_ids, created)
  select :worker, 0, array_agg(task_id), timestamptz '2026-01-10 10:00:00+00' from page having count(*) > 0
  returning id
)
select coalesce((select id from issued), 0) as assignment, coalesce(max(task.id), :tasks) as last,
       jsonb_agg(task.payload) as payloads
from page join task on task.id = page.task_id
\gset

with answered as (
  update assignment set status = 1, submitted = timestamptz '2026-01-10 10:01:00+00',
    solutions = '[{"output_values": {"label": "ENTAILMENT"}}, {"output_values": {"label": "NEUTRAL"}}, {"output_values": {"label": "ENTAILMENT"}}, {"output_values": {"label": "ENTAILMENT"}}, {"output_values": {"label": "NEUTRAL"}}]'
  where id = :assignment and worker_id = :worker and status = 0
  returning id, worker_id
)
insert into ledger (assignment_id, account_id, amount)
select id, account_id, amount from answered,
  lateral (values (worker_id, 0.05), (0::bigint, -0.05)) line (account_id, amount);
