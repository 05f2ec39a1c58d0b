// The routes: `/` lists the dashboards, `/d/NAME` shows one, as in Grafana; so a link in a panel works in both.
import { Box, Card, CardActionArea, CardContent, Stack, Typography } from '@mui/material';
import { ErrorAlert } from '@perses-dev/components';
import { useQuery } from '@tanstack/react-query';
import { Link, Route, Routes, useLocation, useParams } from 'react-router-dom';
import { Header, carried } from './header';
import { type Index, index as served } from './served';
import { View } from './view';

export function App() {
  const { data, error } = useQuery({ queryKey: ['index'], queryFn: served, staleTime: Infinity });
  if (error) return <ErrorAlert error={error as Error} />;
  if (!data) return null;
  return (
    <Routes>
      <Route path="/d/:name/*" element={<One index={data} />} />
      <Route path="*" element={<All index={data} />} />
    </Routes>
  );
}

function One({ index }: { index: Index }) {
  const name = useParams().name ?? '';
  return (
    <>
      <Header index={index} current={name} />
      <View key={name} index={index} name={name} />
    </>
  );
}

function All({ index }: { index: Index }) {
  const { search } = useLocation();
  return (
    <>
      <Header index={index} />
      <Box component="main" sx={{ maxWidth: 900, mx: 'auto', p: 3 }}>
        <Typography variant="h1" sx={{ mb: 2 }}>
          Dashboards
        </Typography>
        {index.dashboards.length === 0 && <Typography>There is none in dashboards/perses.</Typography>}
        <Stack gap={1.5}>
          {index.dashboards.map(({ name, title, description }) => (
            <Card key={name} variant="outlined">
              <CardActionArea component={Link} to={`/d/${name}${carried(search)}`}>
                <CardContent>
                  <Typography variant="h3" component="h2">
                    {title}
                  </Typography>
                  <Typography variant="body2" color="text.secondary">
                    {description}
                  </Typography>
                </CardContent>
              </CardActionArea>
            </Card>
          ))}
        </Stack>
      </Box>
    </>
  );
}
