/** Routes, and the one rule over them: without a session there is only the sign-in page. */
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { BrowserRouter, Navigate, Route, Routes, useLocation } from "react-router";

import { Problem } from "./api/client";
import { useSession } from "./api/queries";
import { Boundary } from "./parts/boundary";
import { Failed, Loading } from "./parts/states";
import { AboutPage } from "./pages/about";
import { AlertsPage } from "./pages/alerts";
import { AllowPage } from "./pages/allow";
import { AuditPage } from "./pages/audit";
import { BrokenGlassPage } from "./pages/broken_glass";
import { CohortsPage } from "./pages/cohorts";
import { GuidelinesPage } from "./pages/guides";
import { GuidelinePage } from "./pages/guides/guideline";
import { HeldPage } from "./pages/held";
import { ImagingPage } from "./pages/imaging";
import { IdentityPage } from "./pages/identity";
import { IngestPage } from "./pages/ingest";
import { RecordPage } from "./pages/ingest/record";
import { AnsweredPage, LaunchPage, LinkPage } from "./pages/launch";
import { MyRecordPage } from "./pages/my_record";
import { Home } from "./pages/my_record/home";
import { NotePage } from "./pages/notes";
import { NowherePage } from "./pages/nowhere";
import { PatientPage } from "./pages/patient";
import { PrintPage } from "./pages/patient/print";
import { ReviewPage } from "./pages/review";
import { StructuringPage } from "./pages/review/standing";
import { SignInPage } from "./pages/sign_in";
import { PasswordPage } from "./pages/sign_in/password";
import { SourcePage } from "./pages/source";
import { WorklistPage } from "./pages/worklist";

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      // A session that ended is noticed by whichever question comes first.
      if (isNotSignedIn(error) && query.queryKey[0] !== "session") {
        void client.resetQueries({ queryKey: ["session"] });
      }
    },
  }),
  defaultOptions: {
    queries: {
      retry: (count, error) => count < 2 && !wasAnswered(error),
      refetchOnWindowFocus: false,
      // Without a network a question fails at once and says so; it is asked again when the network is back.
      networkMode: "always",
      // What was refused stays so: the form in its place would lose the words that are being written.
      refetchOnReconnect: (query) => !wasAnswered(query.state.error),
    },
    // What somebody sends is never held back to be sent later, when nobody expects it any more.
    mutations: { networkMode: "always" },
  },
});

/** The server said no; the same question would have the same answer. */
function wasAnswered(error: unknown): boolean {
  return error instanceof Problem && error.status >= 400;
}

function isNotSignedIn(error: unknown): boolean {
  return error instanceof Problem && error.status === 401;
}

function SignedIn({ children }: { children: ReactNode }) {
  const session = useSession();
  const place = useLocation();
  if (session.isPending) return <Loading lines={6} label="Looking who is signed in" />;
  if (isNotSignedIn(session.error)) {
    return <Navigate to="/sign-in" replace state={{ next: place.pathname + place.search + place.hash }} />;
  }
  if (session.isError) return <Failed error={session.error} retry={() => void session.refetch()} />;
  if (session.data.must_set_password && place.pathname !== "/password") {
    return <Navigate to="/password" replace state={{ next: place.pathname + place.search + place.hash }} />;
  }
  return <Boundary key={place.pathname}>{children}</Boundary>;
}

export function App() {
  return (
    <QueryClientProvider client={client}>
      <BrowserRouter>
        <Routes>
          <Route path="/sign-in" element={<SignInPage />} />
          <Route path="/launch" element={<LaunchPage />} />
          <Route path="/launch/answered" element={<AnsweredPage />} />
          <Route path="/open" element={<LinkPage />} />
          <Route path="/password" element={<SignedIn><PasswordPage /></SignedIn>} />
          <Route path="/" element={<SignedIn><Home><WorklistPage /></Home></SignedIn>} />
          <Route path="/cohorts" element={<SignedIn><CohortsPage /></SignedIn>} />
          <Route path="/guides" element={<SignedIn><GuidelinesPage /></SignedIn>} />
          <Route path="/alerts" element={<SignedIn><AlertsPage /></SignedIn>} />
          <Route path="/guides/:name" element={<SignedIn><GuidelinePage /></SignedIn>} />
          <Route path="/review" element={<SignedIn><ReviewPage /></SignedIn>} />
          <Route path="/structuring" element={<SignedIn><StructuringPage /></SignedIn>} />
          <Route path="/patients/:person/notes/:note" element={<SignedIn><NotePage /></SignedIn>} />
          <Route path="/patients/:person/imaging" element={<SignedIn><ImagingPage /></SignedIn>} />
          <Route path="/identity" element={<SignedIn><IdentityPage /></SignedIn>} />
          <Route path="/audit" element={<SignedIn><AuditPage /></SignedIn>} />
          <Route path="/broken-glass" element={<SignedIn><BrokenGlassPage /></SignedIn>} />
          <Route path="/ingest" element={<SignedIn><IngestPage /></SignedIn>} />
          <Route path="/ingest/record" element={<SignedIn><RecordPage /></SignedIn>} />
          <Route path="/allow" element={<SignedIn><AllowPage /></SignedIn>} />
          <Route path="/about" element={<SignedIn><AboutPage /></SignedIn>} />
          <Route path="/patients/:person" element={<SignedIn><PatientPage /></SignedIn>} />
          <Route path="/my-record" element={<SignedIn><MyRecordPage /></SignedIn>} />
          <Route path="/patients/:person/held" element={<SignedIn><HeldPage /></SignedIn>} />
          <Route path="/patients/:person/print" element={<SignedIn><PrintPage /></SignedIn>} />
          <Route path="/events/:event" element={<SignedIn><SourcePage /></SignedIn>} />
          <Route path="*" element={<SignedIn><NowherePage /></SignedIn>} />
        </Routes>
      </BrowserRouter>
    </QueryClientProvider>
  );
}
