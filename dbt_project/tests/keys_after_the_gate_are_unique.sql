-- Fails on every key that stands for more than one row, in the tables that are built after the gate.
{{ repeated_key(ref('fct_outcome'), ['outcome_key'], 'cast(night_on as string)') }}

union all

{{ repeated_key(ref('fct_submission_state'), ['submission_id', 'state_order'], 'submission_id') }}

union all

{{ repeated_key(
    ref('mart_channel_conflict'), ['holding_submission_id', 'other_submission_id', 'indicator_code'], agency_period()
) }}

union all

{{ repeated_key(ref('mart_revision'), ['agency_code', 'period_code', 'indicator_code'], agency_period()) }}

union all

{{ repeated_key(ref('fct_repair_proposal'), ['submission_id', 'proposal_rank', 'change_position']) }}

union all

{{ repeated_key(
    ref('mart_citation_check'), ['submission_id', 'indicator_code', 'document_position', 'fault'], 'submission_id'
) }}

union all

{{ repeated_key(
    ref('mart_reconciliation_detail'), ['agency_code', 'period_code', 'indicator_code', 'item_id'], 'period_code'
) }}
