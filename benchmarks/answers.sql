-- Fills a pool with accepted pages of five, as if each of the workers had answered every task: by HTTP it would take hours.
-- The one place of the benchmarks that writes the product's tables.

insert into assignment (
  pool_id, id, suite_id, worker_id, project_id, account_id, status, slots, project_major, project_minor, auto_accept,
  mixed, learning, accept_days, reward, fee, created, expires, submitted, accepted, task_ids, unit_ids, solutions)
select p.id, page.suite_id + 1, page.suite_id, page.worker_id, p.project_id, p.account_id, 2,
       cardinality(page.task_ids), p.project_major, 0, true, true, false, p.accept_days, p.reward, 0,
       page.created, page.created + interval '10 minutes', page.created + interval '1 minute',
       page.created + interval '1 minute', page.task_ids, page.task_ids, page.solutions
from pool p, lateral (
  select nextval('page_id_seq') as suite_id, numbered.*,
         timestamptz '2026-01-10 10:00:00+00' + numbered.page * interval '1 second' as created
  from (
    select w.id as worker_id, t.page, t.task_ids, t.solutions
    from worker w, (
      select page, array_agg(id order by id) as task_ids,
             jsonb_agg(jsonb_build_object('output_values', jsonb_build_object('label',
               case when id % 2 = 0 then 'ENTAILMENT' else 'NEUTRAL' end)) order by id) as solutions
      from (select id, (row_number() over (order by id) - 1) / 5 as page from task where pool_id = {pool_id}) numbered
      group by page
    ) t
    order by t.page, w.id
  ) numbered
) page
where p.id = {pool_id};

insert into claim (unit_id, worker_id, pool_id, assignment_id)
select unit_id, worker_id, pool_id, id from assignment, unnest(unit_ids) unit_id where pool_id = {pool_id};

update queue set taken = overlap where pool_id = {pool_id};
