-- Fails on every key that stands for more than one row, in the models that are built after the gate.
{{ repeated_key(ref('fct_outcome'), ['outcome_key']) }}

union all

{{ repeated_key(ref('fct_submission_state'), ['submission_id', 'state_order']) }}

union all

{{ repeated_key(ref('mart_agency_scorecard'), ['agency_code', 'period_code', 'indicator_code']) }}

union all

{{ repeated_key(ref('mart_indicator_history'), ['agency_code', 'indicator_code', 'period_code', 'is_province']) }}

union all

{{ repeated_key(ref('mart_channel_conflict'), ['holding_submission_id', 'other_submission_id', 'indicator_code']) }}

union all

{{ repeated_key(ref('mart_revision'), ['agency_code', 'period_code', 'indicator_code']) }}

union all

{{ repeated_key(ref('mart_revision_summary'), ['agency_code', 'indicator_code']) }}

union all

{{ repeated_key(ref('mart_rule_quality'), ['agency_code', 'period_code', 'rule_id']) }}

union all

{{ repeated_key(ref('mart_citation_check'), ['submission_id', 'indicator_code', 'document_position', 'fault']) }}

union all

{{ repeated_key(ref('mart_reconciliation_detail'), ['agency_code', 'period_code', 'indicator_code', 'item_id']) }}
