/** Apps of others that open with the patient of this page; nothing where none is declared. */
import { Button, Menu } from "@mantine/core";
import { IconAlertCircle, IconAppWindow, IconExternalLink } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";

import type { Problem } from "../api/client";
import { openApp, useApps } from "../api/launch";

export function OpenInApp({ person }: { person: string }) {
  const apps = useApps().data ?? [];
  const opening = useMutation<void, Problem, { app: string; tab: Window | null }>({
    mutationFn: async ({ app, tab }) => {
      const { address } = await openApp(person, app);
      if (tab) tab.location.replace(address);
      else window.location.assign(address);
    },
    onError: (_, { tab }) => tab?.close(),
  });
  const open = (app: string) => {
    // Opened by the click itself: a window opened after the answer would be taken for an advertisement.
    const tab = window.open("about:blank", "_blank");
    if (tab) tab.opener = null;
    opening.mutate({ app, tab });
  };
  if (apps.length === 0) return null;
  return (
    <Menu position="bottom-end" width={260} shadow="md" closeOnItemClick>
      <Menu.Target>
        <Button variant="default" size="compact-md" h={32} loading={opening.isPending} leftSection={opening.isError ? <IconAlertCircle size={16} stroke={1.7} /> : <IconAppWindow size={16} stroke={1.7} />}>
          {opening.isError ? "Not opened" : "Apps"}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{opening.isError ? opening.error.message : "Open this patient in an app. It asks you first, and sees no more than you."}</Menu.Label>
        {apps.map((one) => (
          <Menu.Item key={one.app} onClick={() => open(one.app)} leftSection={<IconExternalLink size={16} />}>{one.title}</Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
