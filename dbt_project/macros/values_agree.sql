{#-
    True where two providers say the same of a field, both as text. Amounts and areas agree within
    `agreement_tolerance`, coordinates within `coordinate_tolerance_degrees`, other numbers where they are equal
    (`2017` and `2017.0`), words in any case.
-#}
{% macro values_agree(field, one, other) -%}
    {%- set number = "'^[+-]?[0-9]+([.][0-9]*)?([eE][+-]?[0-9]{1,2})?$'" -%}
    case
        when {{ one }} ~ {{ number }} and {{ other }} ~ {{ number }}
            then case
                when {{ field }} ~ '(latitude|longitude)$'
                    then abs({{ one }}::double precision - {{ other }}::double precision)
                        <= {{ var('coordinate_tolerance_degrees') }}
                when {{ field }} ~ '_(usd|sqft|ft|pct|years|population)$'
                    then abs({{ one }}::double precision - {{ other }}::double precision)
                        <= {{ var('agreement_tolerance') }} * greatest(
                            abs({{ one }}::double precision), abs({{ other }}::double precision)
                        )
                else {{ one }}::numeric = {{ other }}::numeric
            end
        else upper(trim({{ one }})) = upper(trim({{ other }}))
    end
{%- endmacro %}
