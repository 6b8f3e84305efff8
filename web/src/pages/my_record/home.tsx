/** Where a signed-in person begins: a patient at the own record, everybody else at the worklist. */
import type { ReactNode } from "react";
import { Navigate } from "react-router";

import { useSession } from "../../api/queries";

const OWN = new Set(["patient", "proxy"]);

export function Home({ children }: { children: ReactNode }) {
  const session = useSession().data;
  return session && OWN.has(session.role) ? <Navigate to="/my-record" replace /> : <>{children}</>;
}
