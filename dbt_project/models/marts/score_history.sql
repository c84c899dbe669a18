{{ config(incremental_strategy='append', full_refresh=false) }}

with scores as (

    select * from {{ ref('stg_raw__scores') }} where {{ in_run_partitions() }}

),

-- Versions already kept. History outlives its partition: nothing here is ever replaced.
kept as (

    {% if is_incremental() -%}
        select county, month, property_id, model_id, config_version, version_number, bird_dog_score
        from {{ this }}
        where {{ in_run_partitions() }}
    {%- else -%}
        select
            county,
            month,
            property_id,
            model_id,
            config_version,
            null::bigint as version_number,
            null::double precision as bird_dog_score
        from scores
        where false
    {%- endif %}

),

latest as (

    select distinct on (county, month, property_id)
        county,
        month,
        property_id,
        version_number,
        bird_dog_score
    from kept
    order by county, month, property_id, version_number desc

)

select
    county,
    month,
    property_id,
    coalesce(latest.version_number, 0) + 1 as version_number,
    scores.model_id,
    scores.config_version,
    scores.value_status,
    scores.model_kind,
    scores.asking_price_usd,
    scores.market_value_p50_usd,
    scores.bird_dog_score,
    scores.score_class,
    scores.bird_dog_score - latest.bird_dog_score as score_change,
    scores.is_simulated
from scores
left join latest using (county, month, property_id)
where
    not exists (
        select 1
        from kept
        where
            kept.county = scores.county
            and kept.month = scores.month
            and kept.property_id = scores.property_id
            and kept.config_version = scores.config_version
            -- A property without a value has no model; it has a version all the same.
            and kept.model_id is not distinct from scores.model_id
    )
