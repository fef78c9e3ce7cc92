{{ config(materialized='table_function', parameters=['day'], contract={'enforced': false}) }}
{{ figures_believed_on('day') }}
