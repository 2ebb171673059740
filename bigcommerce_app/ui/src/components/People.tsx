import { Button, Text } from "@bigcommerce/big-design";
import { useCallback, useRef, useState } from "react";
import styled from "styled-components";

import type { Person, PersonPage } from "../api/privacy";
import { useApp } from "../context";
import { keep } from "../keep";
import { useLive } from "../live";
import { Erase } from "./Erase";
import { Announcement, Failure, Outdated, Problem, Skeleton, Status } from "./Feedback";
import { Hidden, Row } from "./layout";
import { type Column, Listing } from "./Listing";
import { Pages } from "./Pages";
import { SearchText } from "./SearchText";
import { useAction } from "./useAction";

const EVERY = 8_000; // ms
const SHORTEST = 3; // letters that a search begins with

// As tall as a few people, so that what is below stays where it is while somebody types.
const Results = styled.div`
  min-height: 12rem;
`;

const Narrow = styled.form`
  margin-bottom: ${({ theme }) => theme.spacing.medium};
  max-width: 30rem;
`;

/** Finds a person, and hands over or erases what is held about them. */
export function People({ onDone }: { onDone: () => void }) {
  const [wanted, setWanted] = useState({ q: "", page: 1 });
  const search = useCallback((q: string) => setWanted({ q: q.trim(), page: 1 }), []);
  const [erasing, setErasing] = useState<Person>();
  const [said, setSaid] = useState("");
  const told = useRef<HTMLDivElement>(null);
  return (
    <>
      <Narrow onSubmit={(event) => event.preventDefault()} role="search">
        <SearchText onChange={search} placeholder="jane@example.com" text={wanted.q} />
      </Narrow>
      <div ref={told} tabIndex={-1}>
        <Announcement>{said}</Announcement>
      </div>
      <Results>
        {wanted.q.length < SHORTEST ? (
          <Text color="secondary60">Type at least three letters.</Text>
        ) : (
          <Found
            key={said} // after an erasure it is asked anew
            onErase={setErasing}
            onExported={onDone}
            onPage={(page) => setWanted({ ...wanted, page })}
            wanted={wanted}
          />
        )}
      </Results>
      {erasing && (
        <Erase
          onClose={() => setErasing(undefined)}
          onErased={(words) => {
            setErasing(undefined);
            setSaid(words);
            onDone();
          }}
          person={erasing}
          returnTo={() => told.current}
        />
      )}
    </>
  );
}

interface FoundProps {
  wanted: { q: string; page: number };
  onPage: (page: number) => void;
  onErase: (person: Person) => void;
  onExported: () => void;
}

function Found({ wanted, onPage, onErase, onExported }: FoundProps) {
  const { api } = useApp();
  const live = useLive(`people ${JSON.stringify(wanted)}`, (signal) => api.people(wanted, signal), EVERY);
  const found = live.data;
  if (!found) return live.error ? <Failure error={live.error} retry={live.refresh} /> : <Skeleton height="2.5rem" rows={3} />;
  return (
    <div aria-busy={live.stale}>
      {live.error && <Outdated error={live.error} />}
      {found.total === 0 ? (
        <Status
          heading="Nobody found"
          message="Storeline holds nothing about a person of this name or address. Your store and your CRM may."
          variant="search"
        />
      ) : (
        <Table found={found} onErase={onErase} onExported={onExported} onPage={onPage} />
      )}
    </div>
  );
}

interface TableProps extends Omit<FoundProps, "wanted"> {
  found: PersonPage;
}

function Table({ found, onPage, onErase, onExported }: TableProps) {
  const { api, format } = useApp();
  const action = useAction();
  const download = (person: Person) =>
    void action.run(person.email, async () => {
      const { id } = await api.exportPerson(person.email);
      keep(await api.exportFile(id), `storeline-${person.email.replace(/[^\w.@-]/g, "_")}.json`);
      onExported();
    });
  const columns: Column<Person>[] = [
    { header: "Name", isPlain: true, render: (one) => <strong>{one.name || "No name"}</strong> },
    { header: "E-mail", isPlain: true, width: "30%", render: (one) => one.email },
    { header: "Account", width: 130, render: (one) => (one.is_guest ? "Guest" : `Customer ${one.customer_id}`) },
    { header: "Orders", align: "right", width: 90, render: (one) => format.number(one.orders) },
    {
      header: "Actions",
      isPlain: true,
      width: 210,
      render: (one) =>
        one.email && (
          <Row style={{ marginBottom: 0 }}>
            <Button
              isLoading={action.busy === one.email}
              marginBottom="none"
              mobileWidth="auto"
              onClick={() => download(one)}
              variant="secondary"
            >
              Export<Hidden> the data of {one.email}</Hidden>
            </Button>
            <Button actionType="destructive" marginBottom="none" mobileWidth="auto" onClick={() => onErase(one)} variant="subtle">
              Erase<Hidden> the data of {one.email}</Hidden>
            </Button>
          </Row>
        ),
    },
  ];
  return (
    <>
      <div aria-live="assertive">{action.problem && <Problem onClose={action.clear} text={action.problem} />}</div>
      <Listing columns={columns} items={found.items} keyOf={(one) => `${one.customer_id} ${one.email}`} name="People" />
      {found.pages > 1 && (
        <Pages
          onPage={onPage}
          page={found.page}
          pages={found.pages}
          shown={found.items.length}
          things="people"
          total={found.total}
          turns={["Previous", "Next"]}
        />
      )}
    </>
  );
}
