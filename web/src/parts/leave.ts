import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { post } from "../api/client";

/** Sign out, and keep nothing in this browser that was read; offline it leaves all the same. */
export function useLeave(): () => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    await post("/sign-out").catch(() => undefined);
    client.clear();
    void navigate("/sign-in");
  };
}
