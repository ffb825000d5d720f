// SPDX-License-Identifier: Apache-2.0
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import { Tab, TabList, TabPanel, Tabs } from '@backstage/ui';
import { isGerritReviewAssistantAvailable } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { Connection, NoProject, useMessages } from '../shared';
import { ActivitySection } from './ActivitySection';
import { Branches } from './Branches';
import { FailuresSection } from './FailuresSection';
import { Landed } from './Landed';
import { OpenChanges, type SectionProps } from './OpenChanges';
import styles from '../list/list.module.css';
import { useView } from '../list/useView';
import { sections, type Section } from '../list/view';

const parts: { [key in Section]: (props: SectionProps) => JSX.Element } = {
  open: OpenChanges,
  landed: Landed,
  failures: FailuresSection,
  branches: Branches,
  activity: ActivitySection,
};

/**
 * What is being changed on the entity of the page, what landed, what fails and what the assistant decided. Which part is
 * shown, and the filters, are in the query of the address.
 * @public
 */
export function EntityReviewAssistantContent() {
  const { t } = useMessages();
  const { entity } = useEntity();
  const [view, onView] = useView();
  const entityRef = stringifyEntityRef(entity);
  // An app of the old frontend system may show the tab on every entity.
  if (!isGerritReviewAssistantAvailable(entity)) {
    return <NoProject />;
  }
  return (
    <div className={styles.content}>
      <Tabs
        selectedKey={view.section}
        onSelectionChange={section => onView({ section: section as Section })}
      >
        <div className={styles.top}>
          <TabList aria-label={t('tab.sections.label')}>
            {sections.map(section => (
              <Tab key={section} id={section}>
                {t(`tab.sections.${section}`)}
              </Tab>
            ))}
          </TabList>
          <Connection entityRef={entityRef} />
        </div>
        {sections.map(section => {
          const Content = parts[section];
          return (
            <TabPanel key={section} id={section} className={styles.panel}>
              {/* What was shown of one entity is nothing to show of another. */}
              <Content key={entityRef} entityRef={entityRef} view={view} onView={onView} />
            </TabPanel>
          );
        })}
      </Tabs>
    </div>
  );
}
