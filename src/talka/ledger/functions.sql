-- Paying what was held for a page: reward to the worker, fee to the platform. A function, so that submitting an
-- answer and paying for it can be one statement. The key of `transfer` refuses to pay twice.
create or replace function ledger_pay(
  p_subject bigint, p_account int, p_worker int, p_reward numeric, p_fee numeric, p_now timestamptz
) returns void language plpgsql as $$
begin
  if p_reward > 0 then
    insert into transfer (subject, kind, debit, credit, amount, created)
    values (p_subject, 4, 4::bigint << 32 | p_account, 5::bigint << 32 | p_worker, p_reward, p_now);
    insert into worker_balance as b (worker_id, available) values (p_worker, p_reward)
    on conflict (worker_id) do update set available = b.available + excluded.available;
  end if;
  if p_fee > 0 then
    insert into transfer (subject, kind, debit, credit, amount, created)
    values (p_subject, 5, 4::bigint << 32 | p_account, 2::bigint << 32, p_fee, p_now);
  end if;
end $$;
