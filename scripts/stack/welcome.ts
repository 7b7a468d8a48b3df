import { join, resolve } from 'node:path';
import type { Topology } from '@fit/nginx/topology';
import { DEFAULT_ADMIN_PORT, DEFAULT_DATA_DIR, ROOT } from './services.ts';
import type { Stack } from './services.ts';

const NPM = `npm --prefix ${JSON.stringify(ROOT)}`;
const EDGECTL = `npx ${JSON.stringify(`--prefix=${ROOT}`)} edgectl`;

/** What `npm start` says once everything is up: where, who, and the lines to paste. */
export function welcome({ urls, dataDir, nginx }: Stack, topology: Topology): string {
  const isDirect = topology === 'direct';
  const password = process.env['DEMO_PASSWORD']
    ? 'the one in DEMO_PASSWORD, which a second terminal needs too'
    : 'demo-password';
  const front = urls.nginx
    ? `  nginx           ${urls.nginx}   in front, topology ${topology}\n` +
      `                  ${urls.nginxTls}  by TLS: curl --cacert ${JSON.stringify(join(nginx.folder, 'certificate.pem'))}\n`
    : '';
  const apply = isDirect
    ? `    ${EDGECTL} nginx apply --topology direct --folder ${JSON.stringify(nginx.folder)}   # after each change\n`
    : '';
  const exports = whereToFind({ urls, dataDir });
  return `
${front}  edge            ${urls.edge}   ${isDirect ? 'not in the path' : 'what people use'}
  dashboard       ${urls.admin}   and admin API: what operators use
  legacy monolith ${urls.monolith}
  coach service   ${urls.coach}

  demo user       demo@fit.example, password: ${password}
  demo operator   operator@fit.example, the same password

  Today's workout:
    curl -s -H "Authorization: Bearer $(${NPM} run -s token)" ${isDirect ? urls.nginx : urls.edge}/fitness/wod

  Who serves it, and how to move everybody to the coach service (edgectl finds this machine's admin token by itself):
${exports}    ${EDGECTL} dashboard                # a link that logs in by itself
    ${EDGECTL} status
    ${EDGECTL} weight wod 100 --reason "first look" --yes
${apply}
  Logs: ${join(dataDir, 'logs')}   All commands: npm run help   Stop: Ctrl-C
`;
}

/** What a second terminal has to be told of a stack that is not at its usual place. */
function whereToFind({ urls, dataDir }: Pick<Stack, 'urls' | 'dataDir'>): string {
  const words = [
    ...(new URL(urls.admin).port === String(DEFAULT_ADMIN_PORT) ? [] : [`EDGE_ADMIN_URL=${urls.admin}`]),
    ...(dataDir === DEFAULT_DATA_DIR ? [] : [`FIT_DATA_DIR=${JSON.stringify(resolve(dataDir))}`]),
  ];
  return words.length === 0 ? '' : `    export ${words.join(' ')}\n`;
}
