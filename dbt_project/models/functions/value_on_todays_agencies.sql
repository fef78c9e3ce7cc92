{{ config(materialized='table_function', parameters=[], contract={'enforced': false}) }}
{{ figures_on_agencies_of(figures_believed_on(), 'current_date') }}
