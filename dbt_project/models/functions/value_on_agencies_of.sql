{{ config(materialized='table_function', parameters=['day'], contract={'enforced': false}) }}
{{ figures_on_agencies_of(figures_believed_on(), 'day') }}
