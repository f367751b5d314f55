-- Keeping the files that a page was submitted with. A function, so that submitting can be one statement.
create or replace function attachment_keep(p_pool int, p_assignment bigint, p_files uuid[])
returns void language plpgsql as $$
begin
  update attachment set discard_at = null
  where id = any(p_files) and pool_id = p_pool and assignment_id = p_assignment and size is not null;
end $$;
