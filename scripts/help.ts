/** `npm run help`: every command, in the order in which a newcomer needs it. */
const COMMANDS = [
  ['npm start', 'installs when needed, runs the whole stack, prints where it is; Ctrl-C stops it'],
  ['npm start -- --topology direct', 'the same with Nginx splitting by itself, no edge in the path'],
  ['npm test', 'installs when needed, runs all tests (npm test -- coach-service: those of one folder)'],
  ['npm run token', 'prints a bearer token of the demo user (-- --help: of others)'],
  ['npx edgectl status', 'who serves each migrated route (--help: how to move traffic, and back)'],
  ['npx edgectl dashboard', 'a link to the page for operators that logs in by itself'],
  ['npx edgectl nginx render', 'the configuration of the Nginx in front (apply: put it in force)'],
  [
    'npm run demo',
    'two minutes: a ramp, a release that turns bad and is rolled back, another ramp (--help: which fault)',
  ],
  ['npm run load -- objective', 'k6: the objective at weight 0, 10 and 100 side by side (--help: more)'],
  ['npx edge --config FILE', 'an edge before servers of your own (docs/your-own-app.md)'],
  ['npm run dev', 'as npm start, and restarts a service when its code changes'],
  ['npm run check', 'format, lint, layer rules, types'],
  ['npm run build', 'the dashboard; npm start and npm test do it by themselves when it has changed'],
  ['npm run format', 'formats all files'],
  ['npm run import-exercises -- FILE', 'adds the exercises of a free-exercise-db file to the catalogue'],
  ['npm run bench', 'the edge against Nginx, HAProxy and two proxies in Node: CPU per request, latency, memory'],
  ['npm run fuzz', 'mutated requests and mutated answers through a real edge (--help: how many, replay)'],
  ['npm run stream', 'a gigabyte each way through a slow client, in flat memory'],
  ['npm run faults', 'kill -9, a lost Redis and the like, again and again (--help: which, how often)'],
  ['npm run bench:propagation', 'how soon a change of a weight is in force on every edge'],
  ['npm run bench:mirror', 'what people notice of copies to the other side, whatever becomes of them'],
  [
    'npm run simulate',
    'ramps of simulated people, each looked at every second for a day: false alarms, time to roll back',
  ],
  ['npm run bench:coach', 'requests per second and CPU per request of the coach service'],
  ['npm run compose:smoke', 'the whole of docker-compose.yml, for real: TLS, weights, an edge killed, data kept'],
  ['npm run images', 'every container image, under a tag that names its commit'],
  ['npm run dashboards', "writes Grafana's dashboards from their source"],
  ['npm run prometheus-rules', 'our alerts as PrometheusRules of a cluster'],
  ['npm run scale', 'what a fleet needs, computed from measured figures (npm run bench:scale measures them)'],
  ['npm run sbom', 'bill of materials (CycloneDX), and the list of licences'],
  ['npm run help', 'this list'],
] as const;

const width = Math.max(...COMMANDS.map(([command]) => command.length));
for (const [command, what] of COMMANDS) process.stdout.write(`  ${command.padEnd(width)}  ${what}\n`);
