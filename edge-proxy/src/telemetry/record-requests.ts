import type { Logger } from '@fit/service-kit/logger';
import type { Registry } from 'prom-client';
import type { RequestRecord } from '../data-plane/pipeline.ts';
import type { SnapshotHolder } from '../snapshot.ts';
import type { EdgeLog } from './edge-log.ts';
import type { OldSideUse } from './old-side-use.ts';
import { createRequestLog } from './request-log.ts';
import { createRequestTelemetry } from './request-telemetry.ts';
import type { TrafficWindow } from './traffic-window.ts';

export type RecorderOptions = {
  registry: Registry;
  holder: SnapshotHolder;
  log: EdgeLog;
  logger: Logger;
  /** `EDGE_ID`. */
  edge: string;
  traffic: TrafficWindow;
  oldSideUse: OldSideUse;
};

/** All who are told of every request that has ended. */
export function createRecorder(options: RecorderOptions): (record: RequestRecord) => void {
  const { registry, holder, log, logger, edge, traffic, oldSideUse } = options;
  const count = createRequestTelemetry({ registry, holder });
  const write = log.requests && createRequestLog({ logger, output: log.requests, edge });
  return (record) => {
    count(record);
    traffic.add(record);
    oldSideUse.add(record);
    write?.(record);
  };
}
