-- Webhook subscriptions.
select 1;
