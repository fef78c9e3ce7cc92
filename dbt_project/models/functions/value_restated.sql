{{ config(materialized='table_function', parameters=['believed_on', 'agencies_on'], contract={'enforced': false}) }}
{{ figures_on_agencies_of(figures_believed_on('believed_on'), 'agencies_on') }}
