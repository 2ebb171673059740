"""What the org tells its subscribers: change data capture and platform events over the Pub/Sub API."""
