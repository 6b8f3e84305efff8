/** The list of patients, for those who have one: a patient begins at the own record, an auditor at the audit. */
import type { ReactNode } from "react";
import { Navigate } from "react-router";

import { useSession } from "../../api/queries";

const OWN = new Set(["patient", "proxy"]);

export function Home({ children }: { children: ReactNode }) {
  const session = useSession().data;
  if (session && OWN.has(session.role)) return <Navigate to="/my-record" replace />;
  // An auditor sees no record, so there is no list of patients to begin with.
  return session?.role === "auditor" ? <Navigate to="/audit" replace /> : <>{children}</>;
}
