-- Fails on every key that stands for more than one row, in the models that are built before the gate.
{{ repeated_key(ref('dim_agency'), ['agency_code']) }}

union all

{{ repeated_key(ref('dim_agency_identifier'), ['agency_code', 'scheme', 'identifier', 'valid_from']) }}

union all

{{ repeated_key(ref('agency_succession'), ['predecessor_code', 'successor_code', 'effective_on']) }}

union all

{{ repeated_key(ref('dim_period'), ['period_code']) }}

union all

{{ repeated_key(ref('dim_indicator'), ['indicator_code']) }}

union all

{{ repeated_key(ref('dim_rule'), ['rule_id']) }}

union all

{{ repeated_key(ref('dim_rule_indicator'), ['rule_id', 'indicator_code']) }}

union all

{{ repeated_key(ref('dim_source'), ['source_key']) }}

union all

{{ repeated_key(ref('dim_date'), ['date_on']) }}

union all

{{ repeated_key(ref('dim_procedure'), ['procedure_code']) }}

union all

{{ repeated_key(ref('dim_document'), ['document_key'], 'document_key') }}

union all

{{ repeated_key(ref('fct_outgoing_document'), ['document_id']) }}

union all

{{ repeated_key(
    ref('fct_citation'), ['submission_id', 'reported_indicator_code', 'document_position'], 'submission_id'
) }}

union all

{{ repeated_key(ref('fct_dossier_state'), ['dossier_id', 'state_order'], {'landed_id': 'read', 'dossier_id': 'key'}) }}
