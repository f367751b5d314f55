-- Attachments.
select 1;
