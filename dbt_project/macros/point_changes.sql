{#-
    What moved between two JSON texts of part -> points, for a lateral join: `point_changes` as JSON and the
    same in `words`, the largest first. A part that one of them lacks has 0 points there.
-#}
{% macro point_changes(now_points, then_points) -%}
    select
        jsonb_object_agg(part, points) as point_changes,
        string_agg(
            replace(part, '_', ' ') || ' ' || to_char(points, 'FMSG990.0'), ', '
            order by abs(points) desc, part
        ) filter (where abs(points) >= 0.05) as words
    from (
        select part, round(coalesce(now_value::numeric, 0) - coalesce(then_value::numeric, 0), 6) as points
        from jsonb_each_text({{ now_points }}::jsonb) as now_parts (part, now_value)
        full join jsonb_each_text({{ then_points }}::jsonb) as then_parts (part, then_value) using (part)
    ) as parts
    where points <> 0
{%- endmacro %}
