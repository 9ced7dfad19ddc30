package web

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestTopicsAreEventsOfAllAndOfOnePlace(t *testing.T) {
	north := uuid.New()
	require.Equal(t, []string{eventSales, at(eventSales, north)}, eventsOf("sales:"+north.String()))
	require.Equal(t, []string{eventTills}, eventsOf("tills"))
	require.Empty(t, eventsOf("feed:global"), "no page shows it")
}
