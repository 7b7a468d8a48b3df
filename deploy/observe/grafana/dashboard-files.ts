import { join } from 'node:path';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { migrationDashboard } from './migration-dashboard.ts';
import { servicesDashboard } from './services-dashboard.ts';

const FOLDER = join(import.meta.dirname, 'dashboards');

/** What Grafana is given: each file's path, and what is in it. */
export function dashboardFiles(): { file: string; dashboard: Dashboard }[] {
  return [
    { file: join(FOLDER, 'migration.json'), dashboard: migrationDashboard() },
    { file: join(FOLDER, 'services.json'), dashboard: servicesDashboard() },
  ];
}
