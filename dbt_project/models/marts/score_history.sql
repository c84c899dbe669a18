{{ config(incremental_strategy='append', full_refresh=false, pre_hook='{{ one_writer() }}') }}

with scores as (

    select * from {{ ref('stg_raw__scores') }} where {{ in_run_partitions() }}

),

-- Versions already kept, of other months too. History outlives its partition: nothing here is ever replaced.
kept as (

    {% if is_incremental() -%}
        select county, month, property_id, model_id, config_version, version_number, bird_dog_score, points
        from {{ this }}
        where (county, property_id) in (select scores.county, scores.property_id from scores)
    {%- else -%}
        select
            county, month, property_id, model_id, config_version, null::bigint as version_number,
            bird_dog_score, points
        from scores
        where false
    {%- endif %}

),

latest as (

    select distinct on (county, month, property_id) *
    from kept
    order by county, month, property_id, version_number desc

),

added as (

    select
        scores.*,
        coalesce(latest.version_number, 0) + 1 as version_number
    from scores
    left join latest using (county, month, property_id)
    where
        latest.version_number is null
        -- A property without a value has no model and no score; it has a version all the same.
        or latest.model_id is distinct from scores.model_id
        or latest.config_version is distinct from scores.config_version
        or latest.bird_dog_score is distinct from scores.bird_dog_score

),

timeline as (

    select county, month, property_id, version_number, bird_dog_score, points from kept
    union all
    select county, month, property_id, version_number, bird_dog_score, points from added

),

-- The score before: the version before, or the last version of the latest month before.
compared as (

    select
        county,
        month,
        property_id,
        version_number,
        lag(month) over earlier as previous_month,
        lag(bird_dog_score) over earlier as previous_score,
        lag(points) over earlier as previous_points
    from timeline
    window earlier as (partition by county, property_id order by month, version_number)

),

changed as (

    select
        added.*,
        compared.previous_month,
        compared.previous_score,
        added.bird_dog_score - compared.previous_score as score_change,
        moved.point_changes::text as point_changes,
        moved.words
    from added
    left join compared using (county, month, property_id, version_number)
    left join
        lateral (
            {{ point_changes('added.points', 'compared.previous_points') }}
        ) as moved
        on added.points is not null and compared.previous_points is not null

)

select
    county,
    month,
    property_id,
    version_number,
    model_id,
    config_version,
    value_status,
    model_kind,
    asking_price_usd,
    market_value_p50_usd,
    bird_dog_score,
    score_class,
    points,
    previous_month,
    previous_score,
    score_change,
    point_changes,
    {{ score_explanation('bird_dog_score', 'previous_score', 'words') }} as change_explanation,
    is_simulated
from changed
