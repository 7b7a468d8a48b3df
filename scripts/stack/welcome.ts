import { join } from 'node:path';
import type { Topology } from '@fit/nginx/topology';
import { ROOT } from './services.ts';
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
  return `
${front}  edge            ${urls.edge}   ${isDirect ? 'not in the path' : 'what people use'}
  admin API       ${urls.admin}   what operators use
  legacy monolith ${urls.monolith}
  coach service   ${urls.coach}

  demo user       demo@fit.example, password: ${password}
  demo operator   operator@fit.example, the same password

  Today's workout:
    curl -s -H "Authorization: Bearer $(${NPM} run -s token)" ${isDirect ? urls.nginx : urls.edge}/fitness/wod

  Who serves it, and how to move everybody to the coach service:
    export EDGE_ADMIN_URL=${urls.admin} EDGE_ADMIN_TOKEN="$(${NPM} run -s token -- --role operator)"
    ${EDGECTL} status
    ${EDGECTL} weight wod 100 --reason "first look"
${apply}
  Logs: ${join(dataDir, 'logs')}   All commands: npm run help   Stop: Ctrl-C
`;
}
