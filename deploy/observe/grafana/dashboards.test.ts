import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { dashboardFiles } from './dashboard-files.ts';

type Target = { expr: string; legendFormat: string; refId: string; datasource: { uid: string } };
type Panel = {
  id?: number;
  type: string;
  title: string;
  description: string;
  targets: Target[];
  fieldConfig: { defaults: { unit?: string; mappings?: unknown[] } };
  gridPos: { x: number; y: number; w: number; h: number };
};

describe.each(dashboardFiles().map((each) => [basename(each.file), each] as const))(
  '%s',
  (_name, { file, dashboard }) => {
    const written = JSON.parse(readFileSync(file, 'utf8')) as { panels: Panel[]; uid: string };
    const panels = written.panels.filter(({ type }) => type !== 'row');

    test('is what the sources make: npm run dashboards writes it anew', () => {
      expect(written).toEqual(JSON.parse(JSON.stringify(dashboard)));
    });

    test('says of every panel what it shows and in which unit, and names every series', () => {
      for (const { title, description, fieldConfig, targets } of panels) {
        expect({ title, description }).toEqual({
          title: expect.stringMatching(/./),
          description: expect.stringMatching(/\.$/),
        });
        expect(fieldConfig.defaults.unit ?? fieldConfig.defaults.mappings?.length).toBeTruthy();
        expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
        for (const { legendFormat, datasource } of targets) {
          expect(legendFormat).not.toBe('');
          expect(datasource.uid).toBe('${datasource}');
        }
      }
    });

    test('has no panel twice, and none over another', () => {
      expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
      const taken = new Set<string>();
      for (const { title, gridPos } of panels) {
        for (const cell of cellsOf(gridPos)) {
          expect(`${title} ${cell} ${taken.has(cell)}`).toBe(`${title} ${cell} false`);
          taken.add(cell);
        }
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      }
    });
  },
);

test('both sides of a route are in one panel for each of rate, errors and time, with the same colours', () => {
  const { dashboard } = dashboardFiles()[0]!;
  const { panels } = JSON.parse(JSON.stringify(dashboard)) as {
    panels: (Panel & { fieldConfig: { overrides: unknown[] } })[];
  };
  const bySide = panels.filter(({ targets }) =>
    targets?.some(({ legendFormat }) => legendFormat.startsWith('{{side}}')),
  );
  const shared = bySide.filter(({ fieldConfig }) => fieldConfig.overrides.length > 0);
  expect(shared.map(({ title }) => title)).toEqual(['Requests', 'Failed', 'Time to the end of the answer']);
  const colours = shared.map(({ fieldConfig }) => JSON.stringify(fieldConfig.overrides.slice(0, 2)));
  expect(new Set(colours).size).toBe(1);
  for (const { targets } of shared) for (const { expr } of targets) expect(expr).toContain('side=~"old|new"');
});

test('Grafana is told of the Prometheus and of the folder that compose mounts', () => {
  const read = (path: string) =>
    parse(readFileSync(join(import.meta.dirname, 'provisioning', path), 'utf8')) as unknown;
  expect(read('datasources/prometheus.yml')).toMatchObject({
    datasources: [{ url: 'http://prometheus:9090', editable: false }],
  });
  expect(read('dashboards/dashboards.yml')).toMatchObject({
    providers: [{ options: { path: '/etc/grafana/dashboards' } }],
  });
});

function cellsOf({ x, y, w, h }: Panel['gridPos']): string[] {
  return Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`);
}
