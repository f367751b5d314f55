"""Quality control as requesters define it: collectors, conditions, actions; no engine, no facts."""
