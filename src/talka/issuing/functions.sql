-- Issuing: which page a worker gets now, claimed and paid for in one transaction.
--
-- The only place that writes tables of capabilities below issuing. Constants that a partial index needs
-- stand as literals; time and chance come in as arguments. Locks are taken in this order: pool (shared,
-- advisory), waiting (advisory, when waiting), worker in project (advisory), own cursors, queue rows (training
-- before control before general), account balance (only to draw), money stripe. See docs/decisions/0004-issuing.md.

-- One stretch of a pool's queue: what of (p_after, p_upto] the worker may get, at most p_want units.
-- `seen` is the position up to which nothing is left for this worker; `missed` says that something is left
-- which somebody else holds locked at this moment.
-- Lane 3 holds units of unlimited overlap: nobody counts them down, so nobody locks them.
create or replace function issue_stretch(
  p_pool int, p_worker int, p_kind smallint, p_lane smallint, p_after bigint, p_upto bigint, p_want int,
  p_blocking boolean, out units bigint[], out seen bigint, out missed boolean
) language plpgsql as $$
declare
  v_candidates bigint[];
  v_end bigint;
  v_left bigint;
begin
  units := '{}'; seen := p_after; missed := false;
  if p_want <= 0 or p_upto <= p_after then
    return;
  end if;
  if p_lane = 3 then
    select coalesce(array_agg(u.unit_id), '{}'), max(u.pos) into units, v_end from (
      select q.unit_id, q.pos from queue q
      where q.pool_id = p_pool and q.kind = p_kind and q.lane = p_lane and q.open
        and q.pos > p_after and q.pos <= p_upto
        and (select 1 from claim c where c.unit_id = q.unit_id and c.worker_id = p_worker) is null
        and (not q.guarded or (select 1 from exclusion e
                               where e.unit_id = q.unit_id and e.worker_id = p_worker) is null)
      order by q.pos limit p_want) u;
  elsif p_blocking then
    -- Candidates first, then their locks in a fixed order, then the conditions again on what is there now.
    select array_agg(c.unit_id) into v_candidates from (
      select q.unit_id from queue q
      where q.pool_id = p_pool and q.kind = p_kind and q.lane = p_lane and q.open
        and q.pos > p_after and q.pos <= p_upto
        and (select 1 from claim c where c.unit_id = q.unit_id and c.worker_id = p_worker) is null
        and (not q.guarded or (select 1 from exclusion e
                               where e.unit_id = q.unit_id and e.worker_id = p_worker) is null)
      order by q.pos limit p_want) c;
    perform 1 from queue q where q.pool_id = p_pool and q.unit_id = any(v_candidates)
      order by q.unit_id for update;
    select coalesce(array_agg(u.unit_id), '{}'), max(u.pos) into units, v_end from (
      select q.unit_id, q.pos from queue q
      where q.pool_id = p_pool and q.unit_id = any(v_candidates) and q.open and q.lane = p_lane
        and q.pos > p_after and q.pos <= p_upto
        and (select 1 from claim c where c.unit_id = q.unit_id and c.worker_id = p_worker) is null) u;
  else
    select coalesce(array_agg(u.unit_id), '{}'), max(u.pos) into units, v_end from (
      select q.unit_id, q.pos from queue q
      where q.pool_id = p_pool and q.kind = p_kind and q.lane = p_lane and q.open
        and q.pos > p_after and q.pos <= p_upto
        and (select 1 from claim c where c.unit_id = q.unit_id and c.worker_id = p_worker) is null
        and (not q.guarded or (select 1 from exclusion e
                               where e.unit_id = q.unit_id and e.worker_id = p_worker) is null)
      order by q.pos limit p_want for update of q skip locked) u;
  end if;
  if cardinality(units) < p_want then
    v_end := p_upto;
  end if;
  -- The cursor stops before the lowest unit that this worker may get and did not: it was locked by others.
  select min(q.pos) - 1 into v_left from queue q
  where q.pool_id = p_pool and q.kind = p_kind and q.lane = p_lane and q.open
    and q.pos > p_after and q.pos <= v_end and q.unit_id <> all(units)
    and (select 1 from claim c where c.unit_id = q.unit_id and c.worker_id = p_worker) is null
    and (not q.guarded or (select 1 from exclusion e
                           where e.unit_id = q.unit_id and e.worker_id = p_worker) is null);
  seen := coalesce(v_left, v_end);
  missed := v_left is not null and cardinality(units) < p_want;
end $$;

-- The same over the units that are reserved for this worker, in the order of their own positions.
create or replace function issue_reserved(
  p_pool int, p_worker int, p_kind smallint, p_after bigint, p_upto bigint, p_want int, p_blocking boolean,
  out units bigint[], out seen bigint, out missed boolean
) language plpgsql as $$
declare
  v_candidates bigint[];
  v_end bigint;
  v_left bigint;
begin
  units := '{}'; seen := p_after; missed := false;
  if p_want <= 0 or p_upto <= p_after then
    return;
  end if;
  if p_blocking then
    select array_agg(c.unit_id) into v_candidates from (
      select q.unit_id from reservation r join queue q on q.pool_id = r.pool_id and q.unit_id = r.unit_id
      where r.pool_id = p_pool and r.worker_id = p_worker and r.kind = p_kind
        and r.pos > p_after and r.pos <= p_upto and q.open
        and (select 1 from claim c where c.unit_id = q.unit_id and c.worker_id = p_worker) is null
        and (not q.guarded or (select 1 from exclusion e
                               where e.unit_id = q.unit_id and e.worker_id = p_worker) is null)
      order by r.pos limit p_want) c;
    perform 1 from queue q where q.pool_id = p_pool and q.unit_id = any(v_candidates)
      order by q.unit_id for update;
    select coalesce(array_agg(u.unit_id), '{}'), max(u.pos) into units, v_end from (
      select q.unit_id, r.pos from reservation r join queue q on q.pool_id = r.pool_id and q.unit_id = r.unit_id
      where r.worker_id = p_worker and r.unit_id = any(v_candidates) and q.open
        and r.pos > p_after and r.pos <= p_upto
        and (select 1 from claim c where c.unit_id = q.unit_id and c.worker_id = p_worker) is null) u;
  else
    select coalesce(array_agg(u.unit_id), '{}'), max(u.pos) into units, v_end from (
      select q.unit_id, r.pos from reservation r join queue q on q.pool_id = r.pool_id and q.unit_id = r.unit_id
      where r.pool_id = p_pool and r.worker_id = p_worker and r.kind = p_kind
        and r.pos > p_after and r.pos <= p_upto and q.open
        and (select 1 from claim c where c.unit_id = q.unit_id and c.worker_id = p_worker) is null
        and (not q.guarded or (select 1 from exclusion e
                               where e.unit_id = q.unit_id and e.worker_id = p_worker) is null)
      order by r.pos limit p_want for update of q skip locked) u;
  end if;
  if cardinality(units) < p_want then
    v_end := p_upto;
  end if;
  select min(r.pos) - 1 into v_left
  from reservation r join queue q on q.pool_id = r.pool_id and q.unit_id = r.unit_id
  where r.pool_id = p_pool and r.worker_id = p_worker and r.kind = p_kind
    and r.pos > p_after and r.pos <= v_end and q.open and q.unit_id <> all(units)
    and (select 1 from claim c where c.unit_id = q.unit_id and c.worker_id = p_worker) is null
    and (not q.guarded or (select 1 from exclusion e
                           where e.unit_id = q.unit_id and e.worker_id = p_worker) is null);
  seen := coalesce(v_left, v_end);
  missed := v_left is not null and cardinality(units) < p_want;
end $$;

-- All stretches of one kind of task, in the order in which they are looked through: reserved for this
-- worker, returned to the pool, from the worker's start onwards, from the beginning up to that start; then
-- those of unlimited overlap, likewise from the start and round.
-- `again` asks for another call: something was locked, or the window over the returned lane was too small.
create or replace function issue_kind(
  p_pool int, p_worker int, p_kind smallint, p_want int, p_upto bigint, p_start bigint, p_reserving boolean,
  p_returned bigint, p_blocking boolean, p_window int
) returns issue_found language plpgsql as $$
declare
  units bigint[] := '{}';
  pos issue_cursor;
  again boolean := false;
  v_found record;
  v_window_end bigint;
  v_window_rows bigint;
begin
  select * into pos from issue_cursor c
    where c.pool_id = p_pool and c.worker_id = p_worker and c.kind = p_kind for update;
  if not found then
    pos := row(p_pool, p_worker, p_kind, p_start, p_start, 0, 0, 0, p_start, 0)::issue_cursor;
  end if;
  if p_reserving then
    v_found := issue_reserved(p_pool, p_worker, p_kind, pos.reserved, p_upto, p_want, p_blocking);
    units := v_found.units; pos.reserved := v_found.seen; again := v_found.missed;
  end if;
  if cardinality(units) < p_want and pos.returned < p_returned then
    select max(w.pos), count(*) into v_window_end, v_window_rows from (
      select q.pos from queue q
      where q.pool_id = p_pool and q.kind = p_kind and q.lane = 1 and q.open and q.pos > pos.returned
      order by q.pos limit p_window) w;
    if v_window_rows > 0 then
      v_found := issue_stretch(p_pool, p_worker, p_kind, 1::smallint, pos.returned, v_window_end,
                               p_want - cardinality(units), p_blocking);
      units := units || v_found.units; pos.returned := v_found.seen; again := again or v_found.missed;
    end if;
  end if;
  if cardinality(units) < p_want then
    v_found := issue_stretch(p_pool, p_worker, p_kind, 0::smallint, pos.forward, p_upto,
                             p_want - cardinality(units), p_blocking);
    units := units || v_found.units; pos.forward := v_found.seen; again := again or v_found.missed;
  end if;
  if cardinality(units) < p_want and pos.wrapped < pos.start then
    v_found := issue_stretch(p_pool, p_worker, p_kind, 0::smallint, pos.wrapped, pos.start,
                             p_want - cardinality(units), p_blocking);
    units := units || v_found.units; pos.wrapped := v_found.seen; again := again or v_found.missed;
  end if;
  if cardinality(units) < p_want then
    v_found := issue_stretch(p_pool, p_worker, p_kind, 3::smallint, pos.endless, p_upto,
                             p_want - cardinality(units), p_blocking);
    units := units || v_found.units; pos.endless := v_found.seen;
  end if;
  if cardinality(units) < p_want and pos.endless_wrapped < pos.start then
    v_found := issue_stretch(p_pool, p_worker, p_kind, 3::smallint, pos.endless_wrapped, pos.start,
                             p_want - cardinality(units), p_blocking);
    units := units || v_found.units; pos.endless_wrapped := v_found.seen;
  end if;
  again := cardinality(units) < p_want and (again or coalesce(v_window_rows, 0) >= p_window);
  return (units, pos, again);
end $$;

-- Money for one page, from a stripe of what the pool has drawn: true, or false when the account does not have enough.
-- Null: no stripe that is free at this moment has enough. Then this transaction must end, and the next one call with
-- `p_drawing`: the row of the account is locked before those of stripes, and looking at stripes may leave locks on them.
-- Other pools are drawn back before the answer is no.
create or replace function issue_draw(p_pool int, p_account int, p_worker int, p_cost numeric, p_drawing boolean)
returns boolean language plpgsql as $$
declare
  v_free numeric;
  v_draw numeric;
begin
  if not p_drawing then
    -- The worker's own stripe; any other when that one is locked or does not have enough. A stripe that changed since
    -- the statement began is not found by its place: then the next step is taken, which is right too.
    update pool_stripe s set amount = s.amount - p_cost
    where s.ctid = (
      select t.ctid from pool_stripe t
      where t.pool_id = p_pool and t.stripe = p_worker % 16 and t.amount >= p_cost for update skip locked);
    if found then
      return true;
    end if;
    update pool_stripe s set amount = s.amount - p_cost
    where s.ctid = (
      select t.ctid from pool_stripe t
      where t.pool_id = p_pool and t.amount >= p_cost
      order by (t.stripe - p_worker % 16 + 16) % 16 limit 1 for update skip locked);
    return case when found then true end;
  end if;
  select b.free into v_free from account_balance b where b.account_id = p_account for update;
  -- Somebody may have drawn for the same stripe meanwhile.
  update pool_stripe s set amount = s.amount - p_cost
  where s.pool_id = p_pool and s.stripe = p_worker % 16 and s.amount >= p_cost;
  if found then
    return true;
  end if;
  if coalesce(v_free, 0) < p_cost then
    perform 1 from pool_stripe s where s.account_id = p_account order by s.pool_id, s.stripe for update;
    with old as (select s.pool_id, s.stripe, s.amount from pool_stripe s where s.account_id = p_account),
    emptied as (
      update pool_stripe s set amount = 0 from old
      where s.pool_id = old.pool_id and s.stripe = old.stripe returning old.amount)
    update account_balance b set free = b.free + coalesce((select sum(e.amount) from emptied e), 0)
    where b.account_id = p_account returning b.free into v_free;
    if coalesce(v_free, 0) < p_cost then
      return false;
    end if;
  end if;
  -- A tranche of 64 pages, but never so much that other pools of the account would have to draw it back.
  v_draw := greatest(p_cost, least(p_cost * 64, trunc(v_free / 64, 6)));
  update account_balance b set free = b.free - v_draw where b.account_id = p_account;
  insert into pool_stripe as s (pool_id, stripe, account_id, amount)
  values (p_pool, p_worker % 16, p_account, v_draw - p_cost)
  on conflict (pool_id, stripe) do update set amount = s.amount + excluded.amount;
  return true;
end $$;

-- One page for one worker, or the reason why there is none.
create or replace function issue_page(
  p_pool int, p_worker int, p_now timestamptz, p_random double precision, p_fee_percent numeric,
  p_blocking boolean, p_drawing boolean, p_window int,
  out outcome text, out assignment_id bigint, out suite_id bigint, out created timestamptz, out project_id int, out project_major int,
  out project_minor int, out reward numeric, out expires timestamptz, out task_ids bigint[], out inputs text[],
  out active bigint[], out account_id int, out slots int, out auto_accept boolean, out mixed boolean,
  out learning boolean, out accept_days int, out fee numeric, out unit_ids bigint[]
) language plpgsql as $$
declare
  v_pool record;
  v_next bigint;
  v_reserving boolean;
  v_returned bigint;
  v_start bigint;
  v_training issue_found;
  v_golden issue_found;
  v_general issue_found;
  v_units bigint[];
  v_count int;
  v_paid boolean;
  v_value numeric;
begin
  -- Opening, closing and archiving take the same lock exclusively: what is read below stays true.
  perform pg_advisory_xact_lock_shared(1, p_pool);
  if p_blocking then
    -- One at a time, and nobody changes rows of the queue by number meanwhile (see `tasks.queue.lock`): those who are
    -- left to wait for step over locks themselves, so that nobody waits in a circle.
    perform pg_advisory_xact_lock(2, p_pool);
  end if;
  select p.status, p.will_expire, p.account_id, p.project_id, p.project_major, p.reward, p.duration_seconds,
         p.mixed, p.real_count, p.golden_count, p.training_count, p.min_real, p.min_golden, p.min_training,
         p.force_last, p.force_last_delay, p.last_added, p.in_order, p.shuffle, p.auto_accept, p.accept_days,
         p.adult, p.type, p.skill_id, p.passing_value, j.max_active, j.major, j.minor
  into v_pool from pool p join project j on j.id = p.project_id where p.id = p_pool;
  if not found then
    outcome := 'UNKNOWN'; return;
  end if;
  project_id := v_pool.project_id;
  if v_pool.status <> 'OPEN' or v_pool.will_expire <= p_now then
    outcome := 'NOT_OPEN'; return;
  end if;
  perform pg_advisory_xact_lock(v_pool.project_id, p_worker);
  -- The platform's bans and the requester's restrictions: one look into an index.
  if exists (
      select 1 from user_restriction r
      where r.worker_id = p_worker and r.ended is null and (r.will_expire is null or r.will_expire > p_now)
        and (r.account_id is null or (r.account_id = v_pool.account_id and (
             r.scope = 'ALL_PROJECTS' or r.project_id = v_pool.project_id or r.pool_id = p_pool)))) then
    outcome := 'RESTRICTION'; return;
  end if;
  select array_agg(a.id order by a.id) into active from assignment a
    where a.worker_id = p_worker and a.project_id = v_pool.project_id and a.status = 0;
  if cardinality(active) >= v_pool.max_active then
    outcome := 'TOO_MANY_ACTIVE'; return;
  end if;
  if v_pool.adult and not exists (
      select 1 from worker w where w.id = p_worker and w.profile -> 'adult_allowed' = 'true'::jsonb) then
    outcome := 'ADULT_CONTENT'; return;
  end if;
  -- A pool that asks for a training is for those who passed it, a training for those who have not done it yet.
  if v_pool.skill_id is not null then
    select u.value into v_value from user_skill u where u.worker_id = p_worker and u.skill_id = v_pool.skill_id;
    if v_pool.type = 'TRAINING' and v_value is not null then
      outcome := 'TRAINED'; return;
    elsif v_pool.type = 'REGULAR' and (v_value is null or v_value < v_pool.passing_value) then
      outcome := 'TRAINING'; return;
    end if;
  end if;

  select s.next_pos, s.reserving, s.returned into v_next, v_reserving, v_returned from pool_seq s where s.pool_id = p_pool;
  if not found then
    outcome := 'EXHAUSTED'; return;  -- nothing was ever uploaded
  end if;
  v_start := case when v_pool.in_order then 0 else floor(p_random * v_next)::bigint end;
  v_units := '{}';
  if v_pool.training_count > 0 then
    v_training := issue_kind(p_pool, p_worker, 2::smallint, v_pool.training_count, v_next - 1, v_start,
                             v_reserving, v_returned, p_blocking, p_window);
    if v_training.again then
      outcome := 'AGAIN'; return;
    end if;
    if cardinality(v_training.units) < v_pool.min_training then
      outcome := 'EXHAUSTED'; return;
    end if;
    v_units := v_units || v_training.units;
  end if;
  if v_pool.golden_count > 0 then
    v_golden := issue_kind(p_pool, p_worker, 1::smallint, v_pool.golden_count, v_next - 1, v_start,
                           v_reserving, v_returned, p_blocking, p_window);
    if v_golden.again then
      outcome := 'AGAIN'; return;
    end if;
    if cardinality(v_golden.units) < v_pool.min_golden then
      outcome := 'EXHAUSTED'; return;
    end if;
    v_units := v_units || v_golden.units;
  end if;
  if v_pool.real_count > 0 then
    v_general := issue_kind(p_pool, p_worker, 0::smallint, v_pool.real_count, v_next - 1, v_start,
                            v_reserving, v_returned, p_blocking, p_window);
    if v_general.again then
      outcome := 'AGAIN'; return;
    end if;
    v_count := cardinality(v_general.units);
    if v_count = 0 or (v_count < v_pool.min_real and not v_pool.force_last) then
      outcome := 'EXHAUSTED'; return;
    end if;
    if v_count < v_pool.min_real and v_pool.force_last_delay > 0
       and p_now < v_pool.last_added + make_interval(secs => v_pool.force_last_delay)
       and v_pool.min_real > (select count(*) from (
             select 1 from queue q where q.pool_id = p_pool and q.kind = 0 and q.open
             limit v_pool.min_real) remaining) then
      outcome := 'EXHAUSTED'; return;
    end if;
    v_units := v_units || v_general.units;
  end if;
  if cardinality(v_units) = 0 then
    outcome := 'EXHAUSTED'; return;
  end if;

  reward := v_pool.reward;
  fee := case when p_fee_percent = 0 then 0 else ceil(reward * p_fee_percent * 10000) / 1000000 end;
  if reward + fee > 0 then
    v_paid := issue_draw(p_pool, v_pool.account_id, p_worker, reward + fee, p_drawing);
    if v_paid is not true then
      outcome := case when v_paid is null then 'DRAW' else 'NOT_ENOUGH_BALANCE' end; return;
    end if;
  end if;

  with taken as (
    update queue q set taken = q.taken + 1
    where q.pool_id = p_pool and q.unit_id = any(v_units) and q.overlap is not null returning q.kind)
  select count(*) into slots from taken t where t.kind = 0;
  account_id := v_pool.account_id; auto_accept := v_pool.auto_accept; mixed := v_pool.mixed;
  accept_days := v_pool.accept_days; unit_ids := v_units;
  learning := coalesce(cardinality(v_training.units) > 0, false);
  suite_id := nextval('page_id_seq');
  assignment_id := suite_id + 1;
  if v_pool.mixed then
    if v_pool.shuffle then
      select array_agg(u order by hashint8extended(u, (p_random * 1e15)::bigint)) into task_ids
      from unnest(v_units) u;
    else
      select array_agg(u order by u) into task_ids from unnest(v_units) u;
    end if;
  else
    select s.task_ids, s.id into task_ids, suite_id from suite s where s.pool_id = p_pool and s.id = v_units[1];
  end if;
  created := p_now;
  expires := p_now + make_interval(secs => v_pool.duration_seconds);
  project_major := v_pool.project_major;
  select max(v.minor) into project_minor from project_version v
    where v.project_id = v_pool.project_id and v.major = v_pool.project_major;
  insert into assignment (
    pool_id, id, suite_id, worker_id, project_id, account_id, status, slots, project_major, project_minor,
    auto_accept, mixed, learning, reward, fee, created, expires, task_ids, unit_ids, accept_days)
  values (
    p_pool, assignment_id, suite_id, p_worker, v_pool.project_id, v_pool.account_id, 0, slots, project_major,
    project_minor, v_pool.auto_accept, v_pool.mixed, learning, reward, fee, p_now,
    expires, task_ids, v_units, v_pool.accept_days);
  insert into claim (unit_id, worker_id, pool_id, assignment_id)
    select u, p_worker, p_pool, assignment_id from unnest(v_units) u;
  insert into issue_cursor as old
    select (c.pos).* from (values (v_training.pos), (v_golden.pos), (v_general.pos)) c(pos)
    where (c.pos).pool_id is not null
    on conflict (pool_id, worker_id, kind) do update set
      forward = excluded.forward, wrapped = excluded.wrapped, returned = excluded.returned,
      reserved = excluded.reserved, endless = excluded.endless, endless_wrapped = excluded.endless_wrapped;
  if reward + fee > 0 then
    insert into transfer (subject, kind, debit, credit, amount, created)
    values (assignment_id, 2, 3::bigint << 32 | v_pool.account_id, 4::bigint << 32 | v_pool.account_id,
            reward + fee, p_now);
  end if;
  select array_agg(t.input_values::text order by u.n) into inputs
    from unnest(task_ids) with ordinality u(id, n) join task t on t.pool_id = p_pool and t.id = u.id;
  outcome := 'ISSUED';
end $$;

-- Of some pools those in which something of what their pages begin with is there for the worker. Looks from
-- the worker's own cursors on, like issuing itself, so that its cost does not grow with what was done before.
create or replace function issue_available(p_pools int[], p_worker int) returns table (pool_id int)
language sql stable as $$
  select p.id from unnest(p_pools) u(id) join pool p on p.id = u.id
  cross join lateral (
    select case when p.real_count > 0 then 0 when p.golden_count > 0 then 1 else 2 end::smallint as kind) k
  left join issue_cursor c on c.pool_id = p.id and c.worker_id = p_worker and c.kind = k.kind
  where exists (
      select 1 from queue q where q.pool_id = p.id and q.kind = k.kind and q.lane = 1 and q.open
        and q.pos > coalesce(c.returned, 0)
        and (select 1 from claim m where m.unit_id = q.unit_id and m.worker_id = p_worker) is null
        and (not q.guarded or (select 1 from exclusion e
                               where e.unit_id = q.unit_id and e.worker_id = p_worker) is null))
    or exists (
      select 1 from queue q where q.pool_id = p.id and q.kind = k.kind and q.lane = 0 and q.open
        and (q.pos > coalesce(c.forward, 0) or (q.pos > c.wrapped and q.pos <= c.start))
        and (select 1 from claim m where m.unit_id = q.unit_id and m.worker_id = p_worker) is null
        and (not q.guarded or (select 1 from exclusion e
                               where e.unit_id = q.unit_id and e.worker_id = p_worker) is null))
    or exists (
      select 1 from queue q where q.pool_id = p.id and q.kind = k.kind and q.lane = 3 and q.open
        and (q.pos > coalesce(c.endless, 0) or (q.pos > c.endless_wrapped and q.pos <= c.start))
        and (select 1 from claim m where m.unit_id = q.unit_id and m.worker_id = p_worker) is null
        and (not q.guarded or (select 1 from exclusion e
                               where e.unit_id = q.unit_id and e.worker_id = p_worker) is null))
    or exists (
      select 1 from reservation r join queue q on q.pool_id = r.pool_id and q.unit_id = r.unit_id
      where r.pool_id = p.id and r.worker_id = p_worker and r.kind = k.kind and r.pos > coalesce(c.reserved, 0)
        and q.open
        and (select 1 from claim m where m.unit_id = q.unit_id and m.worker_id = p_worker) is null
        and (not q.guarded or (select 1 from exclusion e
                               where e.unit_id = q.unit_id and e.worker_id = p_worker) is null));
$$;
