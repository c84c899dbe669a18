"""What is asked of Dagster; a test holds each to the schema of the installed version."""

FAILED = "... on PythonError { message } ... on UnauthorizedError { message }"
RUN = """fragment run on Run {
  runId status jobName creationTime startTime endTime parentRunId rootRunId
  tags { key value } assetSelection { path }
}"""
LAUNCHED = f"""
    __typename ... on LaunchRunSuccess {{ run {{ ...run }} }}
    ... on RunConfigValidationInvalid {{ errors {{ message }} }}
    ... on PipelineNotFoundError {{ message }} ... on InvalidSubsetError {{ message }}
    ... on RunConflict {{ message }} {FAILED}"""

ASSETS = """query {
  assetNodes(loadMaterializations: true) {
    assetKey { path } groupName description(characterLimit: 400) kinds isPartitioned isMaterializable
    partitionStats { numMaterialized numPartitions numFailed numMaterializing }
    assetMaterializations(limit: 1) { timestamp runId partition }
    freshnessStatusInfo { freshnessStatus }
  }
}"""
ASSET = """query($key: AssetKeyInput!) {
  assetNodeOrError(assetKey: $key) {
    __typename ... on AssetNotFoundError { message }
    ... on AssetNode {
      assetKey { path } groupName description kinds isPartitioned isMaterializable
      partitionStats { numMaterialized numPartitions numFailed numMaterializing }
      assetMaterializations(limit: 1) { timestamp runId partition }
      freshnessStatusInfo { freshnessStatus }
      dependencyKeys { path } dependedByKeys { path } jobNames
      assetPartitionStatuses {
        __typename
        ... on MultiPartitionStatuses { primaryDimensionName ranges {
          primaryDimStartKey primaryDimEndKey
          secondaryDim { __typename ... on DefaultPartitionStatuses {
            materializedPartitions failedPartitions materializingPartitions
          } }
        } }
      }
      partitionKeysByDimension { name partitionKeys }
      assetChecksOrError { ... on AssetChecks { checks {
        name description blocking
        executionForLatestMaterialization {
          status runId timestamp evaluation { success severity }
        }
      } } }
    }
  }
}"""
TOGETHER = """query($keys: [AssetKeyInput!]!) {
  assetNodeAdditionalRequiredKeys(assetKeys: $keys) { path }
}"""
RUNS = f"""query($filter: RunsFilter, $cursor: String, $limit: Int) {{
  runsOrError(filter: $filter, cursor: $cursor, limit: $limit) {{
    __typename ... on Runs {{ results {{ ...run }} }}
    ... on InvalidPipelineRunsFilterError {{ message }} ... on PythonError {{ message }}
  }}
}}
{RUN}"""
QUEUES = """query($filter: RunsFilter, $limit: Int) {
  runsOrError(filter: $filter, limit: $limit) {
    __typename ... on Runs { results { status creationTime tags { key value } } }
    ... on InvalidPipelineRunsFilterError { message } ... on PythonError { message }
  }
}"""
DAEMONS = """query {
  instance { daemonHealth { allDaemonStatuses { daemonType required healthy lastHeartbeatTime } } }
}"""
ONE_RUN = f"""query($id: ID!) {{
  runOrError(runId: $id) {{
    __typename ... on RunNotFoundError {{ message }} ... on PythonError {{ message }}
    ... on Run {{
      ...run
      stepStats {{ stepKey status startTime endTime }}
    }}
  }}
}}
{RUN}"""
FAILURES = """query($id: ID!, $cursor: String) {
  logsForRun(runId: $id, afterCursor: $cursor, limit: 1000) {
    __typename ... on RunNotFoundError { message } ... on PythonError { message }
    ... on EventConnection {
      cursor hasMore
      events { __typename
        ... on ExecutionStepFailureEvent { stepKey message error { message causes { message } } }
        ... on RunFailureEvent { message error { message causes { message } } }
      }
    }
  }
}"""
LAUNCH = f"""mutation($params: ExecutionParams!) {{
  launchRun(executionParams: $params) {{{LAUNCHED} }}
}}
{RUN}"""
RETRY = f"""mutation($params: ReexecutionParams!) {{
  launchRunReexecution(reexecutionParams: $params) {{{LAUNCHED} }}
}}
{RUN}"""
CANCEL = f"""mutation($id: String!) {{
  terminateRun(runId: $id) {{
    __typename ... on TerminateRunFailure {{ message }} ... on RunNotFoundError {{ message }} {FAILED}
  }}
}}"""
BACKFILL = f"""mutation($params: LaunchBackfillParams!) {{
  launchPartitionBackfill(backfillParams: $params) {{
    __typename ... on LaunchBackfillSuccess {{ backfillId }}
    ... on PartitionKeysNotFoundError {{ message }} ... on InvalidSubsetError {{ message }} {FAILED}
  }}
}}"""
BACKFILLS = """query($cursor: String, $limit: Int) {
  partitionBackfillsOrError(cursor: $cursor, limit: $limit) {
    __typename ... on PythonError { message }
    ... on PartitionBackfills { results {
      id status timestamp endTimestamp numPartitions title partitionNames
      assetSelection { path } error { message } tags { key value }
    } }
  }
}"""
ONE_BACKFILL = """query($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    __typename ... on BackfillNotFoundError { message } ... on PythonError { message }
    ... on PartitionBackfill { partitionNames }
  }
}"""
CANCEL_BACKFILL = f"""mutation($id: String!) {{
  cancelPartitionBackfill(backfillId: $id) {{ __typename {FAILED} }}
}}"""
SWITCHES = """query($selector: RepositorySelector!) {
  schedulesOrError(repositorySelector: $selector) {
    __typename ... on RepositoryNotFoundError { message } ... on PythonError { message }
    ... on Schedules { results {
      name description cronSchedule executionTimezone pipelineName
      scheduleState { id status ticks(limit: 1) { status timestamp error { message } } }
    } }
  }
  sensorsOrError(repositorySelector: $selector) {
    __typename ... on RepositoryNotFoundError { message } ... on PythonError { message }
    ... on Sensors { results {
      name description minIntervalSeconds
      sensorState { id status ticks(limit: 1) { status timestamp error { message } } }
    } }
  }
}"""
START_SCHEDULE = f"""mutation($selector: ScheduleSelector!) {{
  startSchedule(scheduleSelector: $selector) {{
    __typename ... on ScheduleNotFoundError {{ message }} {FAILED}
  }}
}}"""
STOP_SCHEDULE = f"""mutation($id: String!) {{
  stopRunningSchedule(id: $id) {{
    __typename ... on ScheduleNotFoundError {{ message }} {FAILED}
  }}
}}"""
START_SENSOR = f"""mutation($selector: SensorSelector!) {{
  startSensor(sensorSelector: $selector) {{
    __typename ... on SensorNotFoundError {{ message }} {FAILED}
  }}
}}"""
STOP_SENSOR = f"""mutation($id: String!) {{
  stopSensor(id: $id) {{ __typename {FAILED} }}
}}"""
