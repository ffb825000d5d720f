// SPDX-License-Identifier: Apache-2.0
import '@backstage/cli/asset-types';
import '@backstage/ui/css/styles.css';
import { createApp } from '@backstage/frontend-defaults';
import catalog from '@backstage/plugin-catalog/alpha';
import org from '@backstage/plugin-org/alpha';
import userSettings from '@backstage/plugin-user-settings/alpha';
import reviewAssistant from '@review-assistant/backstage-plugin-gerrit-review-assistant';
import ReactDOM from 'react-dom/client';
import { signIn } from './signIn';

const app = createApp({ features: [catalog, org, userSettings, reviewAssistant, signIn] });
ReactDOM.createRoot(document.getElementById('root')!).render(app.createRoot());
